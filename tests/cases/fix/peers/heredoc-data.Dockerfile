FROM alpine:3.20
COPY <<EOF /README.md
hard break  
next


end
EOF
RUN <<EOF cat > /x
a  


b
EOF
COPY <<EOF /etc/x.ini
[s]
k=v   ; inline
EOF
COPY <<EOF /Makefile
all:
	echo hi
EOF
COPY <<EOF /x.yml
a: |
  keep trailing  
  x
EOF
