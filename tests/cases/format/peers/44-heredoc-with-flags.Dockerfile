FROM alpine:3.20
COPY   --chmod=755   --chown=app <<EOF   /usr/local/bin/x
#!/bin/sh
   exec   y
EOF
ADD <<one.txt /one
one   1
one.txt
