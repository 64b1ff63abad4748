FROM alpine
RUN --mount=src=./b,dst=/b --mount=target=/c,type=CACHE,id=/c,sharing=shared --network=default a
