//! That an export comes back as it was, and that nothing else is taken for one.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::backend::{Backend, Batch, MemoryBackend, Operation, Precondition, Scan, Versioned};

/// A store that was exported in the first format.
const FIRST: &str = include_str!("format-1.hex");

fn put(key: &'static str, value: &str) -> Operation {
    Operation::Put(Key::from_static(key.as_bytes()), Bytes::copy_from_slice(value.as_bytes()))
}

fn commit(backend: &MemoryBackend, operations: Vec<Operation>) {
    let batch = Batch { preconditions: Vec::new(), operations };
    backend.commit(batch).wait(None).unwrap().unwrap();
}

fn small() -> MemoryBackend {
    let backend = MemoryBackend::new();
    commit(&backend, vec![put("a", "one"), put("b", "")]);
    commit(&backend, vec![put("a", "two"), Operation::Delete(Key::from_static(b"never"))]);
    backend.compact(1).unwrap();
    commit(&backend, vec![Operation::Delete(Key::from_static(b"b")), put("c\0d", "three")]);
    backend
}

/// All that a caller can see of a store.
fn seen(backend: &MemoryBackend) -> String {
    let mut entries = Vec::new();
    let mut scan = Scan::default();
    loop {
        let page = backend.scan(&scan).unwrap();
        scan.after = page.entries.last().map(|(key, _)| key.clone());
        let entry = |(key, entry): (Key, Versioned)| (key, entry.value, entry.created, entry.modified);
        entries.extend(page.entries.into_iter().map(entry));
        if !page.more {
            break;
        }
    }
    let changes = backend.changes(backend.floor(), usize::MAX).unwrap();
    format!("{:?} {} {} {changes:?}", entries, backend.revision(), backend.floor())
}

fn reason(bytes: &[u8]) -> OpenError {
    match MemoryBackend::import(bytes) {
        Err(Error::Open(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// An export with the right length and checksum for this body.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0; HEAD];
    out.extend_from_slice(body);
    seal(&mut out, FIRST_FORMAT);
    out
}

#[test]
fn the_first_format_stays_readable() {
    let exported: String = small().export().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(exported, FIRST.trim(), "the format changed: raise its number, keep reading this one");
    let digits: Vec<u8> = FIRST.trim().bytes().collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
    assert_eq!(seen(&MemoryBackend::import(&bytes).unwrap()), seen(&small()));
}

#[test]
fn every_flipped_bit_is_found() {
    let bytes = small().export();
    for bit in 0..bytes.len() * 8 {
        let mut broken = bytes.clone();
        broken[bit / 8] ^= 1 << (bit % 8);
        assert!(MemoryBackend::import(&broken).is_err(), "bit {bit}");
    }
    for (at, byte) in (0..bytes.len()).flat_map(|at| (0..=u8::MAX).map(move |byte| (at, byte))) {
        let mut broken = bytes.clone();
        broken[at] = byte;
        assert_eq!(MemoryBackend::import(&broken).is_ok(), broken == bytes, "{byte} at {at}");
    }
}

#[test]
fn every_truncation_and_every_addition_is_found() {
    let bytes = small().export();
    for length in 0..bytes.len() {
        assert!(MemoryBackend::import(&bytes[..length]).is_err(), "{length} bytes");
    }
    assert!(MemoryBackend::import(&[bytes.as_slice(), &[0]].concat()).is_err());
    // The same of a body that fits its head.
    let body = &bytes[HEAD..];
    for length in 0..body.len() {
        assert!(matches!(reason(&sealed(&body[..length])), OpenError::DamagedExport { .. }), "{length} bytes");
    }
    assert!(matches!(reason(&sealed(&[body, &[0]].concat())), OpenError::DamagedExport { .. }));
}

#[test]
fn what_it_is_not_is_said() {
    assert_eq!(reason(b""), OpenError::ForeignExport);
    assert_eq!(reason(b"{\"kind\": \"Deployment\"}"), OpenError::ForeignExport);
    let mut newer = small().export();
    newer[MAGIC.len()] = 9;
    assert_eq!(reason(&newer), OpenError::NewerExport { found: 9, known: 2 });
    let mut none = small().export();
    none[MAGIC.len()] = 0;
    assert!(matches!(reason(&none), OpenError::DamagedExport { .. }));
}

#[test]
fn lengths_and_counts_that_lie_are_found_without_memory() {
    let numbers = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
    let entry = [numbers(&[1, 1, 1]), vec![0, 1, b'a'], numbers(&[1, 1, u64::MAX])].concat();
    for body in [numbers(&[1, 0, u64::MAX]), numbers(&[0, 0, 0, u64::MAX]), entry, numbers(&[u64::MAX, 0, 0, 0])] {
        assert!(matches!(reason(&sealed(&body)), OpenError::DamagedExport { .. }));
    }
}

#[test]
fn what_no_commits_made_is_refused() {
    let wrong = |break_it: fn(&mut State)| {
        let backend = small();
        let mut state = backend.write();
        break_it(&mut state);
        matches!(reason(&write(&state)), OpenError::DamagedExport { .. })
    };
    assert!(wrong(|state| state.floor = 9));
    assert!(wrong(|state| state.revision = 4));
    assert!(wrong(|state| state.revision = 2));
    assert!(wrong(|state| state.floor = 0));
    assert!(wrong(|state| drop(state.log.pop_front())));
    assert!(wrong(|state| drop(state.log.pop_back())));
    assert!(wrong(|state| state.log.clear()));
    assert!(wrong(|state| state.log[1].index = 7));
    assert!(wrong(|state| state.log[0].deleted = true));
    assert!(wrong(|state| state.log[0].key = Key::from_static(b"\x01own")));
    assert!(wrong(|state| drop(state.entries.pop_first())));
    assert!(wrong(|state| state.entries.first_entry().unwrap().get_mut().modified = 1));
    assert!(wrong(|state| state.entries.first_entry().unwrap().get_mut().created = 0));
    assert!(wrong(|state| {
        let entry = Versioned { value: Bytes::new(), created: 3, modified: 3 };
        state.entries.insert(Key::from_static(b"z"), entry);
    }));
}

#[test]
fn what_was_seen_quiet_stays_so() {
    let backend = MemoryBackend::import(&small().export()).unwrap();
    let quiet = |prefix: &'static str, after| {
        let preconditions = vec![Precondition::NothingPutUnder(Key::from_static(prefix.as_bytes()), after)];
        backend.commit(Batch { preconditions, operations: Vec::new() }).wait(None).unwrap().is_ok()
    };
    assert!(quiet("c", 3) && quiet("b", 1) && quiet("a", 2));
    assert!(!quiet("c", 2) && !quiet("a", 1) && !quiet("b", 0));
}

proptest! {
    #[test]
    fn an_export_comes_back_as_it_was_and_goes_on_alike(
        commits in prop::collection::vec((prop::collection::btree_map(0_u8..12, prop::option::of(prop::collection::vec(any::<u8>(), 0..40)), 1..5), any::<bool>()), 0..24),
        cut in 0_usize..24,
    ) {
        let original = MemoryBackend::new();
        let mut imported = None;
        for (number, (operations, compacts)) in commits.iter().enumerate() {
            let operation = |(key, value): (&u8, &Option<Vec<u8>>)| {
                let key = Key::copy_from_slice(&[b'k', *key]);
                value.as_ref().map_or_else(|| Operation::Delete(key.clone()), |value| Operation::Put(key.clone(), value.clone().into()))
            };
            let operations: Vec<_> = operations.iter().map(operation).collect();
            if number == cut {
                imported = Some(MemoryBackend::import(&original.export()).unwrap());
            }
            for backend in [Some(&original), imported.as_ref()].into_iter().flatten() {
                commit(backend, operations.clone());
                if *compacts {
                    backend.compact(backend.revision().saturating_sub(3)).unwrap();
                }
            }
        }
        let imported = imported.unwrap_or_else(|| MemoryBackend::import(&original.export()).unwrap());
        prop_assert_eq!(seen(&imported), seen(&original));
        prop_assert_eq!(imported.export(), original.export());
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(prop_oneof![3 => Just(0_u8), 1 => Just(1), 1 => any::<u8>()], 0..200)) {
        let _ = MemoryBackend::import(&sealed(&body));
        let _ = MemoryBackend::import(&body);
    }
}
