ENV A=1 \
  B="two  words"   C=3
LABEL org.opencontainers.image.title="x" \
    org.opencontainers.image.url="y"
ENV PATH /opt/bin:$PATH
ARG  VERSION=1
