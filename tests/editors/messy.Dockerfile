from alpine:3.20
maintainer A Person <person@example.com>
run cd /srv && \
  echo 'ä🐳' &&   apk add git   
# a comment stays where it is
run apk add curl
cmd echo done
