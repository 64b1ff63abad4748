FROM debian:bookworm
RUN apt-get update \
 && apt-get install -y \
    git curl \
    wget unzip \
 && rm -rf /var/lib/apt/lists/*
RUN apk add --no-cache --virtual .deps curl gnupg tar \
  # keys that left
  && gpg --version
RUN pip install azure-ai-ml>=1.23.1 regex pybind11
