FROM debian:bookworm
RUN set -eu; \
	{ \
		echo '[server]'; \
# why
		echo 'gpgcheck=1'; \
	} | tee /etc/server.repo
RUN { \
  echo a; \
  } | tee /a | \
  tee /b
RUN ( \
  cd /x && \
  make \
  ) 2>&1 | tee log && \
  true
