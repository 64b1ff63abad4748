FROM alpine:3.20
maintainer   Jo   Doe   <jo@example.com>
MAINTAINER "J" <j@example.com>
MAINTAINER x"y
