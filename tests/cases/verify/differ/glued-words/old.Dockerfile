FROM alpine
RUN ins\
tall a
