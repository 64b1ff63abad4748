FROM debian
SHELL ["/bin/bash", "-c"]
RUN [[ "$X" =~ ^(b  c)$ ]]   &&   echo   yes
RUN x  y; [[  $X =~ (b \
  c) ]] && \
 z
RUN [[  $X   == y ]]  &&  cmd&&x
RUN declare  -A m;  m[a  b]=c   && [  -f x ]   && ls  a[bc]   d
RUN >f m[a  b]=c n[d  e]=f   g
RUN declare m[c   d]=5
