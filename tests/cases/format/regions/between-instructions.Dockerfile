FROM alpine:3.20
run   a
# dockfix: format off
run   b   \
      && c



  # indented
env   A=1
# dockfix: format on



run   d
