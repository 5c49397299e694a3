#!/bin/sh
# Makes sure that what building and testing need is there. Quiet and safe to repeat.
set -eu

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

command -v cargo >/dev/null || fail "Rust is missing; install it from https://rustup.rs and try again"
command -v python3 >/dev/null || fail "Python 3 is missing; install it and try again"

# Python with gRPC, for the client that the README shows.
venv=target/venv
if ! "$venv/bin/python" -c 'import grpc_tools' 2>/dev/null; then
    mkdir -p target
    python3 -m venv "$venv" || fail "python3 cannot make a virtual environment; on Debian install python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'grpcio-tools>=1.60' ||
        fail "pip could not install grpcio-tools"
fi
