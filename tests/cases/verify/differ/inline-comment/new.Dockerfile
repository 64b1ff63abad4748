FROM alpine
WORKDIR /app # here
