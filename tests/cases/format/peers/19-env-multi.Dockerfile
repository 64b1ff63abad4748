FROM alpine:3.20
ENV A=1   B="x  y"   C=t\ w \
 D='s  t' \
# of E
      E=
ENV \
 F=1 G=2 \
   H=3
