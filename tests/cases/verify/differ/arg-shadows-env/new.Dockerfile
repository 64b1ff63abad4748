FROM alpine
ENV V=2
ARG V=1
RUN a
COPY a /$V
