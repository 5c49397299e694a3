#!/bin/sh
# Fuzzes each target for so many seconds: first all seeds, then what libFuzzer thinks up from them and from what earlier
# runs found, which stays in target/fuzz. With names behind the seconds only these targets.
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-5}
shift || true
targets=${*:-"manifest validate assist patch names record rest grpc"}

# The same profile and folder as for the tests, so that dependencies are not built again; only our crates are counted, and
# they are optimised, which they are not in tests.
export RUSTC_WORKSPACE_WRAPPER="$PWD/tests/scripts/instrument.sh"
export CARGO_PROFILE_DEV_OPT_LEVEL=2 CARGO_PROFILE_DEV_DEBUG_ASSERTIONS=true CARGO_INCREMENTAL=0
cargo build --quiet --package kindstore-fuzz --features libfuzzer --bins

failed=
for target in $targets; do
    corpus=target/fuzz/$target
    mkdir -p "$corpus" target/fuzz/found
    log=target/fuzz/$target.log
    # Nothing that fits in here may take 10 seconds or 1 GiB.
    if target/debug/"$target" "$corpus" "tests/fuzz/seeds/$target" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=1024 -max_len=16384 -artifact_prefix="target/fuzz/found/$target-" -print_final_stats=1 >"$log" 2>&1; then
        echo "fuzz $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
    else
        tail -n 40 "$log"
        echo "fuzz $target: failed; the input is in target/fuzz/found"
        failed="$failed $target"
    fi
done
[ -z "$failed" ]
