FROM alpine:3.20
# dockfix: format on
run   a
