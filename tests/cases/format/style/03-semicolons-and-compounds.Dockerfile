RUN set -eux; \
	savedAptMark="$(apt-mark showmanual)"; \
  apt-get update; \
	\
	for key in \
	A1 B2 \
	; do \
# keys that left
	gpg --batch --recv-keys "$key"; done; \
	if [ -n "$x" ]; \
then echo yes; else echo no; fi; \
	case "$(dpkg --print-architecture)" in amd64) arch=x64 ;; arm64) arch=arm64;; \
	*) echo >&2 "no"; exit 1;; esac
RUN a \
  && if [ -n "$b" ] \
    && [ -n "$c" ]; then \
   d \
     --e; \
  elif f | \
   g; then h; fi
RUN if \
    apk list \
      | grep -v a \
  ; then \
   exit 1; \
  fi; \
  while a \
    && b \
  ; do c; done
