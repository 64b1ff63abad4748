FROM alpine:3.20
ENV PHPIZE_DEPS \
		autoconf \
		g++
ENV ONE   \
  word
ENV  TWO a \
  b
