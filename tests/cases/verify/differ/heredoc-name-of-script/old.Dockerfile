FROM alpine
RUN <<EOF
#!/bin/sh
a
EOF
