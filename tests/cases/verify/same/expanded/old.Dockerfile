FROM alpine
ENV D=/srv
WORKDIR $D
WORKDIR app
COPY a ./
USER "a"
