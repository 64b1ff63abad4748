FROM alpine:$V
RUN a
