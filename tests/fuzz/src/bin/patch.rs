//! libFuzzer on [`kindstore_fuzz::patch`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::patch(input));
