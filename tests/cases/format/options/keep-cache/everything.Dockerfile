#  syntax=docker/dockerfile:1
from  debian  as  base
env  A=1   B="x  y" \
 C=3
label  k  v   w
run  --mount=type=cache,target=/x   set -eux;   \
	\
   # why
	echo   a;\
   # glued
	echo b&&\
         echo c   \

     \
  && echo   d   # end
run ins\
tall   \
x
copy  --from=base  a \
   b  /c/
entrypoint [ "a","b" ]
cmd   exec   x   \
    y
healthcheck   --interval=5s   cmd   curl -f   http://x   \
   ||   exit 1
onbuild   run  a   \
 b
expose  80   443
run   <<EOF
  body   x
EOF


from base
