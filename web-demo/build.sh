#!/bin/sh
# Builds the page into target/web-demo, with the package of target/npm/kindstore in it.
set -eu
cd "$(dirname "$0")/.."

if [ ! -d web-demo/node_modules/vite ]; then
    echo "kindstore: npm ci in web-demo: vite and the editor CodeMirror, which the page is built with" >&2
    npm ci --silent --no-audit --no-fund --prefix web-demo || {
        echo "kindstore: npm could not install what builds the page" >&2
        exit 1
    }
fi
echo "kindstore: building the page in target/web-demo" >&2
npm run --silent --prefix web-demo build -- --logLevel error
