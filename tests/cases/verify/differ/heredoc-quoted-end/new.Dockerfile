FROM alpine
ARG V=1
COPY <<'EOF' /a
$V
EOF
