FROM alpine
RUN x   y
RUN   a
