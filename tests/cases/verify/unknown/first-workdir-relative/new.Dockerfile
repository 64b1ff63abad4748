FROM alpine
WORKDIR /app
RUN a
