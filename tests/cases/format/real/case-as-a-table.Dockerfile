FROM debian:bookworm
RUN case "$(dpkg --print-architecture)" in \
# amd64
    amd64) tar='x86_64'; dir='x64'; sha256='3eb4b5775b0df1ad38f6c409e989501ab445c95bcb01ab02bd60f5bd1e823240'; url='https://example.com/x64' ;; \
    armhf) tar='armv7l'; dir='armv7l'; sha256='76229a04fc259c3d70a7bbf28f80c248f9891bd85d154df7cc67bcbdc3350c4f' && true ;; \
    *) echo "no"; \
       exit 1 ;; \
  esac
RUN case "$x" in a) echo one; echo two; echo three; echo four;; b) echo five; echo six; echo seven; echo eight; echo nine; echo ten;; esac
