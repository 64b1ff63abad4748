FROM alpine
ARG V=1
ENV V=2
RUN a
COPY a /$V
