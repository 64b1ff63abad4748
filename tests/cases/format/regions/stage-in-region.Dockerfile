FROM alpine:3.20
run a
# dockfix: format off
FROM x
run   b
# dockfix: format on
FROM y
run   c
