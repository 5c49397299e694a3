//! libFuzzer on [`kindstore_fuzz::grpc`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kindstore_fuzz::grpc(input));
