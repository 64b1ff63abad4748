FROM alpine:3.20
healthcheck   --interval=5s --timeout=3s \
   --retries=2 \
 cmd   curl -f http://localhost/ \
   || exit 1
HEALTHCHECK   none
HEALTHCHECK CMD   [ "curl","-f","http://localhost/" ]
HEALTHCHECK --retries=3 \
 CMD curl -f x \
 || exit 1
HEALTHCHECK \
 CMD \
 curl \
 || b
