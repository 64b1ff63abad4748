FROM alpine:3.20
RUN cat <<-EOF >/a
		two tabs
	one tab
	EOF
COPY <<-'X Y'  /b
	k:  v
	X Y
