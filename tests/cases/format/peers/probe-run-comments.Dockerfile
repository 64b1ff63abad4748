FROM alpine:3.20
RUN a && \

# blank around

    b || \
# or
    c | \
# pipe
  d
RUN echo "x \
# inside quotes, and BuildKit drops it
   y"
RUN a \
  # last
