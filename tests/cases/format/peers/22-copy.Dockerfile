FROM alpine:3.20
COPY   --from=0   --chown=1:1   a   b \
# and the rest
     c.txt   \
       /dst/
ADD   https://example.com/x.tar.gz   /opt/
