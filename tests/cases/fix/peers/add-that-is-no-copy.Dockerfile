FROM alpine:3.20
ARG F=https://example.com/x
ADD --unpack=true x.tar /x/
ADD --keep-git-dir=true https://example.com/r.git /r
ADD $F /x/
ADD rootfs* /
ADD archive /x/
