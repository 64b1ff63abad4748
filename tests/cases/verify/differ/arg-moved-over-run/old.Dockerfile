FROM alpine
ARG V=1
RUN a
RUN b
