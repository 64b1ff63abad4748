FROM alpine:3.20
RUN a   && \
   b && \
# dockfix: format off
      c    &&    d && \
   e   
RUN   a
HEALTHCHECK \
  # dockfix: format off
  cmd   x
