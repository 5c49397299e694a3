#!/bin/sh
# Builds the npm package @kindstore/wasm in target/npm/kindstore: the modules, their JavaScript, and the handwritten files of wasm/npm.
# Prints the size of the main module; target/npm/size.md lists the size of each crate.
#
# It also builds the standard library, to make the module small: from the sources of rustup's component rust-src, or from those of
# Debian's Rust. Without either it uses rustup's library of the target, and the module is a seventh larger.
# KINDSTORE_WASM_RUST=sources, debian or target selects one way.
#
# `build.sh quick` is for `make run`: it takes an installed target of rustup first, and leaves out what only makes the module smaller.
set -eu
cd "$(dirname "$0")/../.."

target=wasm32-unknown-unknown
package=target/npm/kindstore
profile=wasm
ways=${KINDSTORE_WASM_RUST:-sources target debian}
if [ "${1:-}" = quick ]; then
    profile=quick-wasm
    ways=${KINDSTORE_WASM_RUST:-target sources debian}
fi

# Functions with a hint to inline them, such as most of the standard library's, get LLVM's limit for other functions at opt-level
# "s": with their own limit of 325 the module behind brotli is 6 % larger.
inlining=-Cllvm-args=-inlinehint-threshold=50

fail() {
    echo "kindstore: $1" >&2
    exit 1
}

say() {
    echo "kindstore: $1" >&2
}

has_sources() {
    [ -f "$("$1" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]
}

# Compiles both modules into the folder $1 with the command in the other arguments.
compile() {
    compiled=$1
    shift
    say "compiling the module for browsers in $compiled (profile $profile)"
    "$@" build --package kindstore-wasm --package kindstore-wasm-format --profile "$profile" --target "$target" \
        --target-dir "$compiled"
}

compile_with_library() {
    # The stable compiler knows these nightly flags behind RUSTC_BOOTSTRAP; they change only the standard library and panics.
    RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none $inlining $1" \
        CARGO_UNSTABLE_BUILD_STD=core,alloc,std,panic_abort CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size \
        compile "$2" "$3"
}

with_sources() {
    if ! has_sources rustc; then
        command -v rustup >/dev/null || return 1
        say "rustup component add rust-src: the sources of the standard library, to build it small for browsers"
        rustup --quiet component add rust-src >/dev/null 2>&1 || return 1
    fi
    compile_with_library "" target/wasm cargo || fail "the module could not be built"
}

with_target() {
    if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
        command -v rustup >/dev/null || return 1
        say "rustup target add $target: the standard library for browsers"
        rustup --quiet target add "$target" >/dev/null 2>&1 || return 1
    fi
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$inlining compile target/wasm-target cargo || fail "the module could not be built"
}

with_debian() {
    if [ ! -x /usr/bin/cargo ] || ! has_sources /usr/bin/rustc; then
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
        say "apt-get install rustc-web cargo-web rust-web-src lld: Debian's Rust for browsers, since rustup is not here"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src lld; } \
            >/dev/null 2>&1 || return 1
    fi
    linker=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld 2>/dev/null | head -n 1)
    PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="${linker:-wasm-ld}" \
        compile_with_library -Clinker-flavor=wasm-ld target/wasm-debian /usr/bin/cargo ||
        fail "the module could not be built"
}

is_built=
for way in $ways; do
    if [ -z "$is_built" ] && "with_$way"; then is_built=$way; fi
done
[ -n "$is_built" ] || fail "there is no Rust for $target; add it: rustup target add $target"

made=$compiled/$target/$profile
mkdir -p target/npm

# Makes JavaScript of the modules, in the package.
bind() {
    rm -rf "$package"
    mkdir -p "$package/wasm"
    "$@" "$package/wasm" "$made/kindstore_wasm.wasm" module "$made/kindstore_wasm_format.wasm" format
    cp wasm/npm/*.js wasm/npm/*.d.ts wasm/npm/package.json wasm/npm/README.md LICENSE "$package"
}

if [ "$profile" = quick-wasm ]; then
    say "compiling the tool that makes JavaScript of the module in target/tools"
    # A folder of its own: the server is built in the other one meanwhile. It runs once, so that it is not optimised.
    CARGO_PROFILE_QUICK_OPT_LEVEL=0 CARGO_TARGET_DIR=target/tools bind cargo run --profile quick --package kindstore-wasm-bindgen --
    exit 0
fi

if [ ! -d wasm/build/node_modules/binaryen ]; then
    say "npm ci in wasm/build: binaryen, which makes the module smaller"
    npm ci --silent --prefix wasm/build || fail "npm could not install binaryen"
fi
bind cargo run --quiet --package kindstore-wasm-bindgen --
for name in module format; do
    file=$package/wasm/${name}_bg.wasm
    wasm/build/node_modules/.bin/wasm-opt -Os --debuginfo "$file" --output "target/npm/$name.named.wasm"
    wasm/build/node_modules/.bin/wasm-opt --strip-debug --strip-producers "target/npm/$name.named.wasm" --output "$file"
done
node wasm/build/size.mjs target/npm/module.named.wasm "$package/wasm/module_bg.wasm" >target/npm/size.md
head -n 1 target/npm/size.md
