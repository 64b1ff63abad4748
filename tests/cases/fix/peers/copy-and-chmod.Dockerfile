FROM alpine:3.20
COPY a /a
RUN chmod +r /a


COPY b /b
RUN chmod +x /b
COPY conf.d /etc/conf.d
RUN chmod 700 /etc/conf.d
