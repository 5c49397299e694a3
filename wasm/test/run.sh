#!/bin/sh
# Every test of the built package: in Node, in headless Chromium, and as users install it.
set -eu
cd "$(dirname "$0")/../.."

echo "the package: behaviour"
node --test --test-reporter=dot wasm/test/behaviour.mjs
echo "the package: types"
node wasm/test/types.mjs
echo "the package: the same answers as natively"
node wasm/test/differential.mjs
echo "the package: cases in Node"
node wasm/test/cases.mjs
echo "the package: cases in a browser"
node wasm/test/cases-in-browser.mjs
echo "the package: schemas in another validator"
node wasm/test/schema.mjs
echo "the package: as users install it"
node wasm/test/apps.mjs
