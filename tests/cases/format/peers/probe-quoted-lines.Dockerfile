FROM alpine:3.20
ENV A="one \
   two"   B='x \
  y'
LABEL k="a \
  b   c"
