FROM alpine:3.20
ENV A   a\ b
ENV B   $PATH:/x   y
ENV C   "quoted   value"
ENV D   a=b
ENV E   -Dq="a b"
ENV F   say "hi"
ENV G='single $X'   H=2
