FROM debian:bookworm
RUN cat list | while read -r l; do \
  echo "$l"; \
 done
RUN apt-get update && find /x -type f | xargs sed -i \
   -e 's/a/b/' \
   -e 's/c/d/'
RUN { echo one; echo two; echo three; echo four; echo five; echo six; echo seven; echo eight; echo nine; echo ten; } | tee /numbers
