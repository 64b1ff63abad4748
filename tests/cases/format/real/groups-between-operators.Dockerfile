FROM debian:bookworm
RUN [ "$V" = latest ] && { \
      U=a; \
    } || { \
  U=b; \
  }; \
  curl "$U" || { \
   echo failed; exit 1; \
  }
RUN cd /x && if [ -x y ]; then \
  ./y; \
  fi && make
RUN cd /x && { \
    make; \
  } \
  && make install
