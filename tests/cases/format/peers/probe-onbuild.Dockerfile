FROM alpine:3.20
ONBUILD   ENV A b   c
ONBUILD   CMD   [ "a",  "b" ]
ONBUILD   RUN a && \
# why
    b   \
