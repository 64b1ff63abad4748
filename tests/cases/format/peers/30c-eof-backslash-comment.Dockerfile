FROM alpine:3.20
RUN echo   a   \
  # the last word
