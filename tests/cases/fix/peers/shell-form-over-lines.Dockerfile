FROM alpine:3.20
CMD ./start.sh \
    --a 1
