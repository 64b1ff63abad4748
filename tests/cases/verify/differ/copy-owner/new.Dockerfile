FROM alpine
COPY --chown=1 a /x
