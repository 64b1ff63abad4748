FROM debian:bookworm
RUN bash -c "apt-get update && apt-get install curl"
RUN sh -ec 'apt-get update; apt-get install git'
RUN yes | apt-get install curl
