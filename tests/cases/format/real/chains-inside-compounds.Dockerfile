FROM debian:bookworm
RUN if id ubuntu; then \
    usermod -u 1234 ubuntu \
    && groupmod -g 1234 ubuntu; \
  else a && \
    b; c; fi
RUN set -e; \
  for s in a b; do \
    gpg "$s" && break || : ; \
  done && \
  gpg --verify; \
  { \
  echo a; \
  } \
  | tee b; \
  case $x in a) b && \
   c;; d) \
   e;; esac
