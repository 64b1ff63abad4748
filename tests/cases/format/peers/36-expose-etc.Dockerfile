FROM alpine:3.20
expose   80   443/tcp \
      8080
volume   /a    /b
workdir   /app   dir
user   app:app
stopsignal   SIGTERM
