FROM alpine
RNU a
