FROM alpine
RUN ["/bin/sh", "-c", "make"]
