FROM alpine
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/c a
