FROM alpine
COPY <<-EOF /a
	x
EOF
