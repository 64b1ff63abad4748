# escape=\
FROM alpine
ENV A=a\ b=c
RUN a
