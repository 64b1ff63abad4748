FROM alpine
SHELL ["/usr/bin/fish", "-c"]
RUN set   -x A b;   and echo (date)
