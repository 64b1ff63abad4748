FROM alpine
WORKDIR /a/
RUN a
