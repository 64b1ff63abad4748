# syntax=docker/dockerfile:1

# A small image with dockfix on a base that has a shell, for pipelines:
#
#     docker build --build-arg DOCKFIX_COMMIT="$(git rev-parse --short=10 HEAD)" --tag dockfix .
#     docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/work" dockfix fix
FROM rust:1.88-alpine AS build
ARG DOCKFIX_COMMIT
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked \
    && install -D target/release/dockfix /out/dockfix

FROM alpine:3.22
COPY --from=build /out/dockfix /usr/local/bin/dockfix
WORKDIR /work
USER nobody
ENTRYPOINT ["dockfix"]
