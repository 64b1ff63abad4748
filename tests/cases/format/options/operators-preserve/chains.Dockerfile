FROM debian:bookworm
# tools
RUN apt-get update && \
  # why curl
  apt-get install -y curl \
     git || exit 1 \
  && rm -rf /var/lib/apt/lists/*
RUN curl -fsSL https://example.com/x.tar.gz \
  | tar -xz && \
  if [ -x /x ]; then /x | \
  cat; fi
RUN a && b
RUN apt-get update && apt-get install -y \
      curl && \
    rm -rf /x
RUN a && b | c \
  && d && e
