FROM alpine
RUN x
RUN a    b
 
ENV A= x   B=1
