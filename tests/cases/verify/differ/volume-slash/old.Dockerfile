FROM alpine
VOLUME /a
