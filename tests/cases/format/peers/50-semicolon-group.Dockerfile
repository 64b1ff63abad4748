FROM alpine:3.20
RUN { a; b; }   >x;   \
   ( c;   d ) 2>&1 | \
  tee   log
