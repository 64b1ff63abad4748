FROM alpine
RNU  a
