FROM alpine
EXPOSE 53/udp
