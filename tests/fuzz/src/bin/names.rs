//! libFuzzer on [`kindstore_fuzz::names`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::names(input));
