FROM alpine:3.20
RUN <<'PY'
#!/usr/bin/env python3
x = {'a':   1}
if x: print("it isn't sh (")
PY
