FROM debian:bookworm
RUN \
# first
  apt-get update && \
    # second
    apt-get install -y curl
