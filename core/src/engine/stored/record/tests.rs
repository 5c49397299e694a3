//! What is written is read back, by every later program too, and damage is found.

use serde_json::json;

use super::*;
use crate::kind::Kind;
use crate::registry::Registry;

/// A record of format 1 as it was written when there was no other.
const FIRST: &str = include_str!("format-1.hex");

fn kind() -> std::sync::Arc<Kind> {
    let registry = Registry::builtin().expect("the definitions load");
    std::sync::Arc::clone(&registry.kinds()[0])
}

fn record() -> Record {
    let text = |value| Some(JsonText::from_value(&Json::from(value)));
    let map = |name: &str, value: &str| Some(StringMap::from_iter([(name.to_owned(), value.to_owned())]));
    let metadata = Metadata {
        id: "018f32d1-6c00-7000-8000-000000000001".parse().expect("an id"),
        name: Some("clicks".to_owned()),
        namespace: Some("default".to_owned()),
        created_at: Timestamp::from_micros(1_714_550_400_123_456),
        modified_at: Some(Timestamp::from_micros(1_714_550_401_654_321)),
        labels: map("team", "web"),
        annotations: Some(StringMap::new()),
        resource_version: 7,
        extra: text(json!({"displayName": "Clicks"})),
    };
    let kind = kind();
    let (spec, status) = (text(json!({"state": "RUNNING", "größe": 1.5})), None);
    let object = Object { kind: kind.name.clone(), api_version: kind.api_version.clone(), metadata, spec, status };
    let secrets = Secrets::from([("/spec/value".to_owned(), Json::from("hush"))]);
    Record { secrets, ..Record::bare(object) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("a byte");
    digits.chunks(2).map(byte).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let mut records = vec![record()];
    records.push(record());
    records[1].object.metadata.labels = None;
    records[1].object.metadata.extra = None;
    records[1].object.metadata.modified_at = None;
    records[1].object.status = Some(JsonText::from_value(&Json::object()));
    records[1].secrets = Secrets::new();
    records[1].authored = 4;
    records[1].targets.insert(ResourceId::from_bytes([3; 16]), OnDelete::Cascade);
    records[1].targets.insert(ResourceId::from_bytes([0; 16]), OnDelete::Block);
    records[1].selected = Selected::new([Some("RUNNING".into()), None, Some("".into()), Some("x".into())].into_iter());
    let values: Vec<_> = (0..5).map(|index| records[1].selected.get(index)).collect();
    assert_eq!(values, [Some("RUNNING"), None, Some(""), Some("x"), None]);
    for record in records {
        assert_eq!(decode(CollectionRef::new(&kind(), Some("default")), &encode(&record)).expect("readable"), record);
    }
}

#[test]
fn the_first_format_stays_readable() {
    assert_eq!(hex(&encode(&record())), FIRST.trim(), "the format changed: raise its number, keep reading this one");
    assert_eq!(decode(CollectionRef::new(&kind(), Some("default")), &unhex(FIRST)).expect("readable"), record());
}

#[test]
fn every_flipped_bit_is_found() {
    let (kind, bytes) = (kind(), encode(&record()));
    for bit in 0..bytes.len() * 8 {
        let mut broken = bytes.to_vec();
        broken[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(CollectionRef::new(&kind, Some("default")), &broken.into()).is_err(), "bit {bit}");
    }
}

#[test]
fn bytes_that_end_early_are_found() {
    let (kind, bytes) = (kind(), encode(&record()));
    for length in 0..bytes.len() {
        assert!(decode(CollectionRef::new(&kind, Some("default")), &bytes.slice(..length)).is_err(), "{length} bytes");
    }
}

#[test]
fn areas_of_a_newer_program_are_carried_along() {
    let kind = kind();
    let collection = CollectionRef::new(&kind, Some("default"));
    let area = |tag: u8, text: &[u8]| [&[tag, 0, 0, 0, text.len() as u8], text].concat();
    let known = Record { authored: 3, ..record() };
    let mut stored = encode(&known).to_vec();
    // One before and one behind an area that is known.
    let authored = stored.len() - 13;
    stored.splice(authored..authored, area(200, b"first"));
    stored.extend(area(201, b"second"));
    let checksum = checksum::hash(&stored[HEAD..]);
    stored[1..HEAD].copy_from_slice(&checksum.to_be_bytes());
    let read = decode(collection, &stored.into()).expect("readable");
    assert_eq!(read.unknown, [area(200, b"first"), area(201, b"second")].concat());
    assert_eq!(decode(collection, &encode(&read)).expect("readable"), read);
    assert_eq!(Record { unknown: Bytes::new(), ..read }, known);
}
