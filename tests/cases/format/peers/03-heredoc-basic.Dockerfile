FROM alpine:3.20
RUN   <<EOF
set -e
   if true; then echo   "a   b"; fi

EOF
run echo next
