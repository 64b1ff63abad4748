FROM a
RUN for x in \
  a \
  b; \
  do \
  c; \
  done
RUN for x in \
  a \
  b; do \
  c; \
  done
RUN for x in \
  a \
  b \
  ; do \
  c; \
  done
RUN for x in a \
  # why
  b; do c; done
RUN for x in a b; \
  do c; done
