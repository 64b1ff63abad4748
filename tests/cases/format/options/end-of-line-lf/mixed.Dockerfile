# syntax=docker/dockerfile:1

# c
FROM alpine
RUN a && \
# c

   b
RUN echo "a \
  b"
COPY <<A /x
body
lf
A
ONBUILD RUN a \
  b
FOO \
  bar


# dockfix: format off
RUN   x \
  y
