//! libFuzzer on [`kindstore_fuzz::record`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::record(input));
