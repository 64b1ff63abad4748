FROM alpine
WORKDIR /a/./b
RUN a
