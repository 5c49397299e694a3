//! A version comes back as it was, whole or as a difference, and damage is found.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use super::*;
use crate::object::ResourceId;

const ID: ResourceId = ResourceId::from_bytes([7; 16]);

/// A version with these bytes in place of a record; a difference does not look at what they are.
fn version(number: u64, bytes: &[u8]) -> SupersededVersion {
    let content = Content::Whole(Bytes::copy_from_slice(bytes));
    let ended_at = Timestamp::from_micros(1_714_550_400_123_456);
    SupersededVersion { version: number, begun: 5, ended: 9, ended_at, is_authored: true, content }
}

fn read(number: u64, value: &Bytes) -> Result<SupersededVersion> {
    SupersededVersion::read(&key::version("Deployment", "default", ID, number), value, 9)
}

fn record(label: &str) -> Vec<u8> {
    format!("head {label} {}", "spec: {parallelism: 4}, ".repeat(40)).into_bytes()
}

#[test]
fn a_difference_is_small_and_comes_back() {
    let (old, new) = (record("one"), record("another"));
    let value = version(3, &old).value(Some(Successor { version: 4, bytes: &new }));
    assert!(value.len() < 80, "{} bytes", value.len());
    let stored = read(3, &value).unwrap();
    assert_eq!((stored.base(), stored.whole()), (Some(4), None));
    assert_eq!((stored.begun, stored.ended, stored.is_authored), (5, 9, true));
    let restored = stored.restored(&new).unwrap();
    assert_eq!(restored.whole().unwrap(), &old[..]);
    assert_eq!(restored.value(None), version(3, &old).value(None));
}

#[test]
fn the_newest_of_a_block_the_last_and_what_differs_much_are_whole() {
    let (old, new) = (record("one"), record("another"));
    let successor = |version, bytes| Some(Successor { version, bytes });
    for (number, successor) in
        [(31, successor(32, &new[..])), (30, successor(33, &new[..])), (3, None), (3, successor(4, b"nothing of it"))]
    {
        let stored = read(number, &version(number, &old).value(successor)).unwrap();
        assert_eq!(stored.whole().unwrap(), &old[..], "version {number}");
    }
    let stored = read(30, &version(30, &old).value(successor(31, &new[..]))).unwrap();
    assert_eq!(stored.base(), Some(31));
}

#[test]
fn every_flipped_bit_of_a_difference_is_found() {
    let value = version(3, &record("one")).value(Some(Successor { version: 4, bytes: &record("another") }));
    for bit in 0..value.len() * 8 {
        let mut broken = value.to_vec();
        broken[bit / 8] ^= 1 << (bit % 8);
        assert!(read(3, &broken.into()).is_err(), "bit {bit}");
    }
    for length in 0..value.len() {
        assert!(read(3, &value.slice(..length)).is_err(), "{length} bytes");
    }
}
