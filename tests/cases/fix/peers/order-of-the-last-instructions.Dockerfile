FROM alpine:3.20
STOPSIGNAL $SIG
ENV SIG=SIGINT
CMD echo $0
SHELL ["/bin/bash", "-c"]
USER app
COPY a /a
