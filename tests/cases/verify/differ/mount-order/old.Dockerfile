FROM alpine
RUN --mount=type=tmpfs,target=/c --mount=type=cache,target=/c a
