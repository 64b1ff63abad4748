FROM alpine:3.20
RUN a \
    # why b
    && b \
    \
    # why c
    && c
