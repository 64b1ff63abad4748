FROM alpine
ENV D=/srv
WORKDIR /srv
WORKDIR /srv/app
COPY ./a /srv/app/
USER a
