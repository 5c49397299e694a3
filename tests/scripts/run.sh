#!/bin/sh
# Builds the server, and the page where Node.js is, and starts it: run.sh PROFILE. It says what it does, and what it installs before it
# does. What is built already is not built again; `make web` builds the page anew.
set -eu
cd "$(dirname "$0")/../.."

profile=$1
app=target/web-demo
log=target/page.log

say() {
    echo "kindstore: $1" >&2
}

case $profile in
    dev) out=target/debug ;;
    *) out=target/$profile ;;
esac
[ -x "$out/kindstore" ] || say "building the server in $out; the first time takes about four minutes on two cores, later a second"

page=
if [ ! -f "$app/index.html" ]; then
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        say "Node.js is not here: the server starts without the page /app"
    else
        say "building the page for /app beside it; its progress is in $log"
        mkdir -p target
        # Both wait for others most of the time: for the linker, for one large crate, for the network.
        { wasm/build/build.sh quick && web-demo/build.sh; } >"$log" 2>&1 &
        page=$!
    fi
fi
# Without what was begun, the page would go on when the build of the server fails or is stopped.
trap '[ -z "$page" ] || kill "$page" 2>/dev/null || :' EXIT

cargo build --package kindstore-cli --profile "$profile"

if [ -n "$page" ]; then
    say "the server is built; waiting for the page"
    if wait "$page"; then
        grep '^kindstore: ' "$log" >&2 || :
    else
        tail -n 5 "$log" >&2
        say "the page could not be built, $log says why; the server starts without /app"
    fi
    page=
fi
[ ! -f "$app/index.html" ] || export KINDSTORE_APP_DIR="${KINDSTORE_APP_DIR:-$app}"
exec "$out/kindstore" serve
