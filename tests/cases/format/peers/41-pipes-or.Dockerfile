FROM alpine:3.20
RUN a | \
  # to b
  b || \
# or else
   c |& \
 d
