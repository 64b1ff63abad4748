FROM alpine:3.20
ARG P="a,\
   b"   Q=1 \
 R
