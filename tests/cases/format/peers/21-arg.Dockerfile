FROM alpine:3.20
ARG A=1 \
  B=2
ARG   C
ARG V   # note
