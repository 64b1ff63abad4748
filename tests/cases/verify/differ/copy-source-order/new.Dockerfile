FROM alpine
COPY b a /x/
