FROM alpine:3.20
ONBUILD RUN <<EOF
   a
EOF
RUN   b
