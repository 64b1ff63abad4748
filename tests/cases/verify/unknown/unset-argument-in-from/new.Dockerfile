FROM alpine:$V
RUN b
