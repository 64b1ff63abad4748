FROM alpine:3.20
RUN echo `date   +%s`   $((1+2))   "$( uname   -m )"   >x   2>  y
