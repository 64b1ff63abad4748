FROM alpine:3.20
RUN [ -f x ]   &&   y
RUN [a,   b]
