ARG V=1
FROM alpine
RUN echo $V
