FROM alpine
RUN --mount=type=cache,target=/c --mount=target=/b,source=b,type=bind,readonly a
