FROM alpine
USER root
USER app
WORKDIR /a
RUN a
