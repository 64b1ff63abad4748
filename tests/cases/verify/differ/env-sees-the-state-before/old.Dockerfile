FROM alpine
ENV A=1
ENV A=2
ENV B=$A
RUN make
