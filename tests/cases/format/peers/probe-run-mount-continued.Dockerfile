FROM alpine:3.20
RUN --mount=type=bind,\
source=a,target=/b   c   d
