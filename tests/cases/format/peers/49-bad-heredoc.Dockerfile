FROM alpine:3.20
RUN   a
RUN cat   <<EOF
   never ended
