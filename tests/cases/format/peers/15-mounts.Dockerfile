FROM alpine:3.20
RUN  --mount=type=cache,target=/root/.cache    --mount=type=bind,source=.,target=/src \
  --network=none   \
  # the work
  make -C /src   && make install
