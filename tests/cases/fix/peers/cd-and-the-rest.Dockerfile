FROM debian:bookworm
RUN set -eux; \
    curl -fLo /tmp/jdk.tar.gz https://example.com/jdk.tar.gz; \
    mkdir -p /opt/jdk; \
    cd /opt/jdk; \
    tar -xf /tmp/jdk.tar.gz --strip-components=1; \
    rm -rf /tmp/jdk.tar.gz;
