FROM alpine:3.20
RUN a || b && c ; d
RUN export X=1 && \
  # why
  set -x
RUN echo $X
