//! libFuzzer on [`kindstore_fuzz::manifest`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::manifest(input));
