FROM debian:bookworm
RUN echo one hundred and some characters in a line of a list && echo which is broken where it passes the width && true
RUN echo some ninety characters in a line, or more && echo that is broken at eighty
RUN for f in a b c d e f; do echo "$f is a file of some name" > /srv/www/"$f"; done; echo done and done
RUN echo one command alone that is never broken however long it is because there is no operator in it anywhere at all
RUN a \
  && b
