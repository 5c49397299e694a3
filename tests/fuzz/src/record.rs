//! What is read from the disk or imported, behind its checksum.

/// Stored bytes are refused or read; what was read is written as it was.
pub fn record(input: &[u8]) {
    kindstore::fuzzing::record(input);
    kindstore::fuzzing::frame(input);
    kindstore::fuzzing::export(input);
    let (base, other) = input.split_at(input.len() / 2);
    kindstore::fuzzing::delta(base, other);
}
