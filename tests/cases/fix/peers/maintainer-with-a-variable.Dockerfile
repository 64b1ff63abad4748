FROM alpine:3.20
MAINTAINER $X "y" 'z' <a@b>
