FROM alpine:3.20
FOO   bar   \
     baz
run echo   after
