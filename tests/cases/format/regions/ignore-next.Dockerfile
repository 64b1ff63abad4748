FROM alpine:3.20
# dockfix: ignore[x] speaks of rules alone
run   a
