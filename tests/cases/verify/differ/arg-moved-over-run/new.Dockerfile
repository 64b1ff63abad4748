FROM alpine
RUN a
ARG V=1
RUN b
