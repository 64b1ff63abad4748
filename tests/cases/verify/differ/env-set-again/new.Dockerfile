FROM alpine
ENV A=1
ENV B=2
ENV A=1
RUN make
