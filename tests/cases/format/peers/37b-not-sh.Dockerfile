FROM alpine:3.20
RUN echo )   (   &&
RUN ok   &&   ok
