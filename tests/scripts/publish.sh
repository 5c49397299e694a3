#!/bin/sh
# Checks that every package can be published: crates, npm packages and the Python package. Publishes nothing. It needs what
# `tests/scripts/clients.sh` and `make wasm` leave: the compiled client, the Python tools and the wasm package.
set -eu
cd "$(dirname "$0")/../.."

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

tools=$PWD/target/venv-clients/bin/python
packed=$PWD/target/publish
[ -x "$tools" ] && [ -f clients/node/dist/node.js ] || fail "the clients are not built; run tests/scripts/clients.sh first"
[ -f target/npm/kindstore/index.js ] || fail "the wasm package is not built; run make wasm first"
rm -rf "$packed"
mkdir -p "$packed"

# `--no-verify` does not compile the packages again: the workspace has just been built, and a second build takes minutes. The
# lists of files, which publish.py checks, are what differs between the workspace and a package.
cargo publish --quiet --dry-run --workspace --no-verify --allow-dirty

for folder in clients/types clients/node target/npm/kindstore; do
    # `--ignore-scripts`, because `prepare` would compile the client again. `prepack` copies the licence, so it is done here.
    [ -f "$folder/LICENSE" ] || cp LICENSE "$folder/LICENSE"
    npm pack --silent --ignore-scripts --pack-destination "$packed" "./$folder" >/dev/null
done

# A copy, to leave nothing beside the sources. `--no-isolation` uses the generators that clients.sh has installed.
cp -R clients/python "$packed/python"
rm -rf "$packed/python/src/kindstore/_generated" "$packed/python/src/kindstore/client.py"
cp -R proto "$packed/python/proto"
cp LICENSE "$packed/python/LICENSE"
"$tools" -m pip install --quiet --disable-pip-version-check 'setuptools>=77'
"$tools" -m build --no-isolation --outdir "$packed" "$packed/python" >"$packed/python.log" 2>&1 || {
    cat "$packed/python.log" >&2
    fail "the Python package could not be built"
}

"$tools" tests/scripts/publish.py "$packed"
