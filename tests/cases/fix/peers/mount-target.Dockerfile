FROM debian:bookworm
RUN --mount=type=cache,target=/root/.cache pip install zzzip aaa
