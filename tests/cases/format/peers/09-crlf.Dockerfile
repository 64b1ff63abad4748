FROM alpine:3.20
run a   && \
  # why
    b


COPY <<EOF /x
body
EOF
cmd [ "x" ]
