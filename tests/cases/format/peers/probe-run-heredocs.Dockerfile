FROM alpine:3.20
RUN bash   <<EOF
   x
EOF
RUN 3<<EOF   cat   <&3
  y
EOF
RUN cat > /x.yml   <<EOF   &&   cat /x.yml
a:
    b:   1
EOF
RUN python3 - <<'PY'   a   b
def f( x ):   return "it's ("
PY
