from alpine:3.20
maintainer A Person <person@example.com>
run apk add curl   
