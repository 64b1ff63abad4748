FROM alpine:3.20
COPY <<a.txt   /x
from   here
a.txt
COPY   <<"q"   /y
$as   is
q
COPY --chmod=644   <<p   <<r /z/
p   p
p
r   r
r
