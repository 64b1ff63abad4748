FROM debian:bookworm
RUN set -eux; \
	\
	echo a; \
	\
	\
	echo b; \
\
# before c
	\
	echo c
