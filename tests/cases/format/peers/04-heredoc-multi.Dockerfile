FROM alpine:3.20
RUN cat   <<ONE >/a   &&   cat <<TWO >/b
one   1
ONE
  two   2
TWO
COPY <<A   <<B   /etc/conf/
a
A
b
B
USER nobody
