//! libFuzzer on [`kindstore_fuzz::validate`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::validate(input));
