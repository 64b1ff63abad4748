FROM alpine:3.20
ENV DEPS \
		autoconf \
		g++
ENV M a \
  b
