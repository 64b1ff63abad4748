ARG V
FROM alpine:$V
run a
