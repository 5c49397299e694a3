//! The limits of history in bytes win over those in number and age.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::backend::hooked::Hooked;
use crate::engine::retention::history_size;
use crate::object::ResourceId;

/// What nothing but a limit in bytes removes.
fn unlimited() -> Retention {
    Retention::forever()
}

/// A text that no difference makes small.
fn noise(number: u32, length: usize) -> String {
    let mut state = u64::from(number) << 32 | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 60) as u8)
    };
    (0..length).map(|_| next()).collect()
}

fn grow(store: &Store, name: &str, number: u32) {
    let patch = json!({"metadata": {"annotations": {"noise": noise(number, 4_000)}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).patch(name, patch).wait().unwrap();
}

fn history_bytes(backend: &MemoryBackend) -> u64 {
    let (mut total, mut after) = (0, None);
    loop {
        let page = backend.scan(&Scan { prefix: key::all_versions(), after, limit: 0 }).unwrap();
        total += page.entries.iter().map(|(key, entry)| key.len() + entry.value.len()).sum::<usize>();
        after = page.entries.last().map(|(key, _)| key.clone());
        if !page.more {
            return total as u64;
        }
    }
}

/// The size that the store has noted with its last removals.
fn noted(backend: &MemoryBackend) -> u64 {
    let entry = backend.get(&key::history_mark()).unwrap().expect("it was stored with a removal");
    history_size(&entry.value).unwrap().1
}

#[test]
fn a_resource_keeps_what_fits_and_the_floor_rises() {
    let (store, backend, _) = filled(unlimited().resource_bytes(64 << 10));
    change(&store, 1);
    let early = store.revision();
    (0..40).for_each(|number| grow(&store, "clicks", number));
    // It goes by the limits in bytes, and not by any other.
    store.compact(u64::MAX).unwrap();
    let kept = history_bytes(&backend);
    assert!((32 << 10..=64 << 10).contains(&kept), "{kept} bytes are left");
    assert_eq!(noted(&backend), kept);
    let left = versions(&store);
    assert!(left.len() > 8 && left[0] == 42 && left.windows(2).all(|pair| pair[0] == pair[1] + 1), "{left:?}");
    let options = GetOptions { revision: Some(early), ..GetOptions::default() };
    let expired = store.kind(KIND).unwrap().namespace(NAMESPACE).get_with("clicks", options);
    assert!(matches!(expired, Err(Error::Expired { .. })), "{expired:?}");
    is_sound(&backend);
}

#[test]
fn the_store_keeps_what_fits_of_the_newest_history() {
    let (store, backend, _) = filled(unlimited().store_bytes(96 << 10));
    let deployments = store.kind(KIND).unwrap().namespace(NAMESPACE);
    let document: crate::json::Json = deployments.get("clicks").unwrap().to_value();
    for name in ["a", "b", "c"] {
        let spec = document.at("/spec").cloned().unwrap();
        let copy = crate::json::Json::Object(crate::json::Members::from([
            ("metadata".to_owned(), crate::json::Json::from(json!({"name": name}))),
            ("spec".to_owned(), spec),
        ]));
        deployments.create(copy).wait().unwrap();
    }
    for number in 0..90 {
        grow(&store, ["clicks", "a", "b", "c"][number as usize % 4], number);
        if number % 30 == 29 {
            store.compact(u64::MAX).unwrap();
            let kept = history_bytes(&backend);
            assert!(kept <= 96 << 10, "{kept} bytes are left");
            assert_eq!(noted(&backend), kept);
            is_sound(&backend);
        }
    }
    assert!(store.compaction().floor > 50, "the floor rose");
    assert!(versions(&store).len() > 2, "the newest history is left");
}

#[test]
fn deleted_resources_go_last() {
    let (store, backend, _) = filled(unlimited().store_bytes(3_000));
    let deployments = store.kind(KIND).unwrap().namespace(NAMESPACE);
    grow(&store, "clicks", 1);
    (0..3).for_each(|number| change(&store, number));
    deployments.delete("clicks").wait().unwrap();
    store.compact(u64::MAX).unwrap();
    assert!(history_bytes(&backend) <= 3_000);
    assert!(deployments.undelete("clicks").wait().is_err(), "its last version did not fit");
    is_sound(&backend);
}

#[test]
fn the_size_is_read_again_where_the_store_was_left() {
    let (store, backend, _) = filled(unlimited().resource_bytes(64 << 10));
    (0..40).for_each(|number| grow(&store, "clicks", number));
    store.compact(u64::MAX).unwrap();
    drop(store);
    let limits = unlimited().resource_bytes(64 << 10);
    let builder = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).retention(limits);
    let store = builder.background(false).open().unwrap();
    (40..60).for_each(|number| grow(&store, "clicks", number));
    store.compact(u64::MAX).unwrap();
    assert_eq!(noted(&backend), history_bytes(&backend));
}

#[test]
fn the_worker_keeps_the_limits_without_being_asked() {
    let (store, backend, _) = filled(unlimited().resource_bytes(64 << 10));
    let begun = Instant::now();
    let mut number = 0;
    while store.compaction().floor == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} bytes of history", history_bytes(&backend));
        grow(&store, "clicks", number);
        number += 1;
    }
}

#[test]
fn what_cannot_be_removed_is_not_looked_through_again_and_again() {
    let (store, backend, _) = filled(unlimited());
    (0..3).for_each(|number| change(&store, number));
    drop(store);
    // A version of a kind that is not registered is kept, since the kind may come back.
    let key = key::version("Unknown", NAMESPACE, ResourceId::from_bytes([7; 16]), 1);
    let operations = vec![Operation::Put(key.clone(), Bytes::from(vec![0; 5_000]))];
    backend.commit(Batch { preconditions: Vec::new(), operations }).wait(None).unwrap().unwrap();
    let scans = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&scans);
    let counting = Hooked::before_scans(Arc::clone(&backend), move |_| {
        let _ = counted.fetch_add(1, Ordering::Relaxed);
    });
    let limits = unlimited().store_bytes(1_000);
    let builder = Store::builder().backend(Arc::new(counting) as Arc<dyn Backend>).retention(limits);
    let store = builder.background(false).open().unwrap();
    let compact = || {
        let before = scans.load(Ordering::Relaxed);
        store.compact(u64::MAX).unwrap();
        scans.load(Ordering::Relaxed) - before
    };
    let first = compact();
    assert_eq!(versions(&store), [4], "all that can be removed is");
    assert!(backend.get(&key).unwrap().is_some());
    let second = compact();
    assert!(2 * second < first, "{first} scans, then {second}");
    change(&store, 3);
    compact();
    assert_eq!(versions(&store), [5], "what came since is removed");
}
