#!/bin/sh
# Builds the npm package into target/npm/kindstore: the module, the JavaScript that calls into it, and what is written by
# hand in wasm/npm. Says how large the module is, and which crate takes how much of it.
set -eu
cd "$(dirname "$0")/../.."

target=wasm32-unknown-unknown
compiled=target/wasm
package=target/npm/kindstore

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

# The ordinary way: the target of rustup's toolchain.
build_with_rustup() {
    [ "${KINDSTORE_WASM_RUST:-}" != debian ] || return 1
    if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
        command -v rustup >/dev/null && rustup --quiet target add "$target" >/dev/null 2>&1 || return 1
    fi
    cargo build --quiet --package kindstore-wasm --package kindstore-wasm-format --profile wasm --target "$target" --target-dir "$compiled" || exit 1
}

# Where rustup cannot fetch the target: Debian's Rust with the sources of the standard library, and rustup's linker.
build_with_debian() {
    linker=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld 2>/dev/null | head -n 1)
    if [ ! -x /usr/bin/cargo ] || [ ! -x /usr/bin/rustc ] || [ ! -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src" ]; then
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
            fail "the target $target is missing; add it: rustup target add $target"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src lld; } \
            >/dev/null 2>&1 || fail "neither rustup nor apt-get could install a Rust for $target"
    fi
    # Another compiler has a folder of its own.
    compiled=target/wasm-debian
    PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="${linker:-wasm-ld}" \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Clinker-flavor=wasm-ld" \
        /usr/bin/cargo build --quiet --package kindstore-wasm --package kindstore-wasm-format --profile wasm --target "$target" --target-dir "$compiled" \
        -Zbuild-std=std,panic_abort || fail "the module could not be built"
}

build_with_rustup || build_with_debian

[ -d wasm/build/node_modules/binaryen ] || npm ci --silent --prefix wasm/build || fail "npm could not install binaryen"

rm -rf "$package"
mkdir -p "$package/wasm"
cargo run --quiet --package kindstore-wasm-bindgen -- "$compiled/$target/wasm/kindstore_wasm.wasm" "$package/wasm"
wasm/build/node_modules/.bin/wasm-opt -O3 --debuginfo \
    "$package/wasm/module_bg.wasm" --output target/npm/named.wasm
wasm/build/node_modules/.bin/wasm-opt --strip-debug --strip-producers \
    target/npm/named.wasm --output "$package/wasm/module_bg.wasm"
cp wasm/npm/*.js wasm/npm/*.d.ts wasm/npm/package.json wasm/npm/README.md LICENSE "$package"
node wasm/build/size.mjs target/npm/named.wasm "$package/wasm/module_bg.wasm" | tee target/npm/size.md
