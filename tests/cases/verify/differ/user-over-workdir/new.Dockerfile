FROM alpine
USER root
WORKDIR /a
USER app
RUN a
