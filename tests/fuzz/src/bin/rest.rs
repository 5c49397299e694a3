//! libFuzzer on [`kindstore_fuzz::rest`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::rest(input));
