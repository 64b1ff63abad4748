FROM alpine:3.20
ENTRYPOINT ulimit -n 1024
