FROM alpine:3.20
ENV A=x\  B=y
RUN echo a\  b   c
LABEL k="a \
   b   c"
