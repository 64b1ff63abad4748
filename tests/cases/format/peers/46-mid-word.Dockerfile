FROM alpine:3.20
RUN apt-get ins\
tall   cu\
   rl
COPY foo\
bar   /x
ENV A=1\
2   B=3
ENV PATH=/a:\
/b:\
/c
