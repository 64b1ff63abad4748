FROM alpine:3.20
LABEL a="x \
   still x" \
  b=2   c="3"
