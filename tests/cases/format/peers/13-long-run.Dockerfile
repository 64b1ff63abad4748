FROM debian:bookworm
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl git gnupg make openssh-client python3 unzip xz-utils zip && rm -rf /var/lib/apt/lists/*
