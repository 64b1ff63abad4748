FROM debian:bookworm
RUN a \
  ; b \
  ; c \
     d \
  ; e
RUN a \
  ; \
  b \
  # why c
  ; c
