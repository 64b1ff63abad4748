FROM alpine
SHELL ["/bin/sh", "-c"]
RUN make
