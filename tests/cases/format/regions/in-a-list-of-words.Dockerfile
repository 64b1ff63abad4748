FROM debian:bookworm
run apt-get update && apt-get install -y   \
  # dockfix: format off
      gcc      make     \
      libssl-dev        \
  # dockfix: format on
  curl   git && \
  rm -rf   /x
RUN   next
