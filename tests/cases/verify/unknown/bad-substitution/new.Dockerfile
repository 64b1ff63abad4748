FROM alpine
ENV A=${B,,}
RUN c
