FROM alpine
COPY a/ x
