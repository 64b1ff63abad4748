FROM debian:bookworm
RUN apt-get update && \
# compilers first
    apt-get install -y gcc \
  # then the rest
  make
