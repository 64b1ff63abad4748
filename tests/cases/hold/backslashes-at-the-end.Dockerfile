FROM debian
RUN x&&\
apt-get update&&apt-get install \\\