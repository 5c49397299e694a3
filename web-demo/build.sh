#!/bin/sh
# Builds the page into target/web-demo, with the package of target/npm/kindstore in it.
set -eu
cd "$(dirname "$0")/.."

[ -d web-demo/node_modules/vite ] || npm ci --silent --no-audit --no-fund --prefix web-demo || {
    echo "kindstore: npm could not install what builds the page" >&2
    exit 1
}
npm run --silent --prefix web-demo build -- --logLevel error
