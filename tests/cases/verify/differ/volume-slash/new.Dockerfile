FROM alpine
VOLUME /a/
