#!/bin/sh
# Stands before the compiler of our own crates: adds the counters that libFuzzer steers by. What runs while building is
# left as it is, for it is linked without libFuzzer.
case " $* " in
    *" --crate-name build_script_build "*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
