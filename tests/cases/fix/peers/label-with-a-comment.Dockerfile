FROM alpine:3.20
LABEL a="1" \
      ### b
      b="2" \
      c="3"
