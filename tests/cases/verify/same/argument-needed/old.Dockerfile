ARG V
FROM alpine:$V
RUN a
