#!/bin/sh
# Checks, builds and tests the client packages against a server binary, KINDSTORE_BIN. Safe to repeat: it writes only to target/
# and to files that git ignores.
set -eu
cd "$(dirname "$0")/../.."

KINDSTORE_BIN=${KINDSTORE_BIN:-$PWD/target/debug/kindstore}
case $KINDSTORE_BIN in /*) ;; *) KINDSTORE_BIN=$PWD/$KINDSTORE_BIN ;; esac
export KINDSTORE_BIN
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

[ -x "$KINDSTORE_BIN" ] || fail "$KINDSTORE_BIN is missing; build it with: cargo build --package kindstore-cli"
command -v python3 >/dev/null || fail "Python 3 is missing; install it and try again"
command -v npm >/dev/null || fail "Node with npm is missing; install Node 20 or newer and try again"

tools=target/venv-clients
fresh=target/venv-clients-wheel
wheels=target/wheels
log=target/clients.log
mkdir -p target
failed=0

# Runs one part: the last line of its output is the summary; on failure the whole output is shown.
part() {
    name=$1
    shift
    # In the condition of an `if` the shell ignores `set -e` in a function.
    set +e
    (
        set -e
        "$@"
    ) >"$log" 2>&1
    code=$?
    set -e
    if [ "$code" -eq 0 ]; then
        printf '%-32s %s\n' "$name" "$(tail -n 1 "$log")"
    else
        failed=1
        printf '%-32s %s\n' "$name" "FAILED"
        cat "$log" >&2
    fi
}

python_setup() {
    if ! "$tools/bin/python" -c 'import grpc_tools, mypy, yaml, build, unasync' 2>/dev/null; then
        python3 -m venv "$tools"
        # The generators of pyproject.toml.
        "$tools/bin/pip" install --quiet 'grpcio-tools==1.76.*' 'unasync==0.6.*' 'googleapis-common-protos>=1.70' 'mypy>=1.18' build \
            types-grpcio types-protobuf 'pyyaml>=6' types-PyYAML
    fi
    "$tools/bin/python" clients/python/generate.py
    echo "ready"
}

python_types() {
    (cd clients/python && "../../$tools/bin/python" -m mypy --cache-dir ../../target/mypy --no-error-summary)
    (cd clients/python && MYPYPATH=src:tests "../../$tools/bin/python" -m mypy --cache-dir ../../target/mypy \
        --python-version 3.11 --no-error-summary tests/server.py tests/cases.py tests/behaviour.py \
        tests/watching.py)
    echo "no issues"
}

python_wheel() {
    # Built from a copy, to leave nothing beside the sources, and through the source distribution, to prove it complete.
    copy=target/clients-python
    rm -rf "$wheels" "$fresh" "$copy"
    mkdir -p "$copy/clients"
    cp -R proto "$copy/proto"
    cp -R clients/python "$copy/clients/python"
    rm -rf "$copy/clients/python/src/kindstore/_generated" "$copy/clients/python/src/kindstore/client.py"
    cp LICENSE "$copy/LICENSE"
    "$tools/bin/python" -m build --outdir "$wheels" "$copy/clients/python"
    python3 -m venv "$fresh"
    "$fresh/bin/pip" install --quiet "$wheels"/kindstore-*.whl 'pyyaml>=6'
    (cd target && "../$fresh/bin/python" -c 'import kindstore, kindstore._generated.resource_service_pb2 as made
from kindstore.v1 import resource_service_pb2 as api, resource_service_pb2_grpc as rpc
assert api is made and rpc.ResourceServiceStub
print(made.__name__)')
    "$tools/bin/python" -m zipfile --list "$(ls "$wheels"/kindstore-*.whl)" | grep -q py.typed
    ls "$wheels" | tr '\n' ' '
    echo
}

node_setup() {
    stamp=target/clients-node.lock
    # `npm ci` reinstalls everything, which is needed only after a change of the lock file.
    if [ ! -d clients/node/node_modules ] || ! cmp -s clients/node/package-lock.json "$stamp"; then
        (cd clients/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
        cp clients/node/package-lock.json "$stamp"
    fi
    rm -rf clients/node/dist
    (cd clients/node && npm run --silent build)
    echo "built"
}

node_package() {
    (cd clients/node && npm pack --dry-run --ignore-scripts --json --loglevel=error) >target/clients-node.json
    node -e '
const [{ files, filename }] = JSON.parse(require("fs").readFileSync("target/clients-node.json", "utf8"));
const names = files.map((file) => file.path);
for (const wanted of ["dist/node.js", "dist/node.d.ts", "dist/web.js", "dist/web.d.ts", "README.md"]) {
    if (!names.includes(wanted)) throw new Error(`${wanted} is missing in ${filename}`);
}
console.log(`${filename} with ${names.length} files`);'
    # Browsers load these files, so they must not use modules of Node.
    if grep -lE 'grpc-js|from "node:|Buffer\.' $(ls clients/node/dist/*.js | grep -v -e /node.js -e /grpc.js); then
        fail "these files of the entry point for browsers use modules of Node"
    fi
}

part "python: setup" python_setup
part "python: types (mypy --strict)" python_types
part "python: wheel" python_wheel
part "python: cases" "$fresh/bin/python" clients/python/tests/cases.py
part "python: behaviour" "$fresh/bin/python" clients/python/tests/behaviour.py
part "python: watches" "$fresh/bin/python" clients/python/tests/watching.py
part "python: README" "$fresh/bin/python" tests/scripts/client_readme.py clients/python/README.md "$PWD/$fresh/bin/python" -
part "node: setup and types (tsc)" node_setup
part "node: package" node_package
part "node: cases" node clients/node/test/cases.mjs
part "node: behaviour" node clients/node/test/behaviour.mjs
part "node: watches" node clients/node/test/watching.mjs
part "node: README" "$fresh/bin/python" tests/scripts/client_readme.py clients/node/README.md node --input-type=module -
exit "$failed"
