FROM alpine
ENV B=2
ENV A=1
RUN make
