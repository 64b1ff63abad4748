FROM debian:bookworm
RUN if { \
    a; \
  } && echo "a long text that is put into a pipe, longer than the width of a line" | md5sum; then b; fi
RUN { \
    a; \
  } && if [ -f /some/long/path/to/a/file ]; then echo "the file is there"; else echo "it is not"; fi
