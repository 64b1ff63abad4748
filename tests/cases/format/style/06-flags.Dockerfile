RUN --mount=type=cache,target=/root/.cache \
  --mount=type=secret,id=npm \
  npm ci && \
  npm run build
RUN   --network=none   make test
