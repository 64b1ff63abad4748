FROM alpine:3.20
ENV   MSG   hello   world
ENV T a=b   c=d
ENV LIST   one \
    two   \
    three
LABEL   note   it's   here
