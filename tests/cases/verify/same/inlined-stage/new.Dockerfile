FROM alpine
ENV A=1
RUN a
RUN b
