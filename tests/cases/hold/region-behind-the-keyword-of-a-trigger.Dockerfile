FROM a
ONBUILD RUN\
# dockfix: format off
# dockfix: format on
 c
