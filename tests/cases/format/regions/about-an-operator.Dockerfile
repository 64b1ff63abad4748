FROM alpine:3.20
RUN a   && \
# dockfix: format off
      b    &&    c && \
        d && \
# dockfix: format on
   e && \
   f
