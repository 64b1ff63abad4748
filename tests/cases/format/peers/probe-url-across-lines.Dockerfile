FROM alpine:3.20
RUN curl -fsSL "https://example.com/a/\
b/c.tar.gz" && \
   curl https://example.com/\
d
