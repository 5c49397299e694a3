//! libFuzzer on [`kindstore_fuzz::assist`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::assist(input));
