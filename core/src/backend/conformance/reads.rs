//! What is read, one key or a page.

use std::collections::BTreeMap;

use super::super::{Backend, Key, MAX_PAGE, Operation, Page, Scan, Versioned};
use super::steps::{changes, commit, get, key, pattern, put, scan, sized, versioned};

/// Nothing is there, and the revision is 0.
pub fn a_fresh_store_is_empty(backend: &dyn Backend) {
    assert_eq!(backend.revision(), 0);
    assert_eq!(get(backend, "a"), None);
    assert_eq!(scan(backend, "", None, 10), Page::default());
    assert_eq!(changes(backend, 0), []);
}

/// Creation and change are told apart, and both ways of reading agree.
pub fn a_put_is_read_back_with_its_revisions(backend: &dyn Backend) {
    let first = commit(backend, [], [put("a", "one"), put("b", "")]);
    let second = commit(backend, [], [put("a", "two")]);
    assert_eq!(get(backend, "a"), Some(versioned("two", first, second)));
    assert_eq!(get(backend, "b"), Some(versioned("", first, first)));
    assert_eq!(backend.get_for_write(b"a").expect("reads"), Some(versioned("two", first, second)));
    assert_eq!(backend.revision(), second);
}

/// Also around the sizes at which backends split values, and when a value shrinks or grows.
pub fn values_of_every_size_come_back_whole(backend: &dyn Backend) {
    let sizes = [0, 1, 7_000, 7_100, 7_168, 7_169, 14_400, 70_000, 300_000];
    for (index, size) in sizes.into_iter().enumerate() {
        let value = pattern(size, index);
        commit(backend, [], [Operation::Put(key("same"), value.clone()), Operation::Put(sized(size), value.clone())]);
        assert_eq!(get(backend, "same").expect("it was put").value, value);
    }
    commit(backend, [], [put("same", "small")]);
    assert_eq!(get(backend, "same").expect("it was put").value, "small");
    for (index, size) in sizes.into_iter().enumerate() {
        let found = backend.get(&sized(size)).expect("reads").expect("it was put");
        assert!(found.value == pattern(size, index), "{size} bytes came back as {}", found.value.len());
    }
}

/// Reads of keys that no batch can put find nothing.
pub fn keys_of_others_are_not_there(backend: &dyn Backend) {
    commit(backend, [], [put("a", "value")]);
    for first in 0..0x20_u8 {
        assert_eq!(backend.get(&[first]).expect("reads"), None);
        assert_eq!(backend.get_for_write(&[first, b'm']).expect("reads"), None);
        let scan = Scan { prefix: Key::copy_from_slice(&[first]), ..Scan::default() };
        assert_eq!(backend.scan(&scan).expect("reads").entries, []);
    }
    assert_eq!(backend.get(b"").expect("reads"), None);
    let whole = backend.scan(&Scan { after: Some(Key::from_static(b"\0")), ..Scan::default() }).expect("reads");
    assert_eq!(whole.entries.len(), 1);
}

/// Pages neither repeat nor skip, and say when they are the last.
pub fn scan_pages_are_in_key_order_and_resume_after_a_key(backend: &dyn Backend) {
    let names: Vec<String> = (0..200).map(|number| format!("p/{number:03}")).collect();
    for some in names.chunks(100) {
        commit(backend, [], some.iter().map(|name| put(name, name)));
    }
    let last = commit(backend, [], [put("o", "before"), put("p", "before"), put("p0", "after"), put("q", "after")]);
    for limit in [1, 7, MAX_PAGE, 1000, 0] {
        let mut found = Vec::new();
        let mut page = scan(backend, "p/", None, limit);
        loop {
            assert!(page.entries.len() <= if limit == 0 { MAX_PAGE } else { limit.min(MAX_PAGE) });
            assert_eq!(page.revision, last);
            found.extend(page.entries.iter().map(|(key, _)| key.clone()));
            let Some((after, _)) = page.entries.last().filter(|_| page.more) else { break };
            page = scan(backend, "p/", Some(after.clone()), limit);
        }
        assert_eq!(found, names.iter().map(|name| key(name)).collect::<Vec<_>>(), "limit {limit}");
    }
    assert_eq!(scan(backend, "p/", Some(key("p/199")), 5).entries, []);
    assert_eq!(scan(backend, "p/", Some(key("z")), 5).entries, []);
    assert_eq!(scan(backend, "p/19", Some(key("a")), 50).entries.len(), 10);
    let between = scan(backend, "p/", Some(key("p/100x")), 1);
    assert_eq!(between.entries[0].0, key("p/101"));
}

/// A page that is cut for its size says that there is more.
pub fn a_scan_of_large_values_ends(backend: &dyn Backend) {
    for number in 0..20_usize {
        commit(backend, [], [Operation::Put(sized(number), pattern(150_000, number))]);
    }
    let (mut after, mut count) = (None, 0_usize);
    loop {
        let page = scan(backend, "size/", after, 0);
        for (key, found) in &page.entries {
            assert!(*key == sized(count) && found.value == pattern(150_000, count));
            count += 1;
        }
        assert!(!page.more || !page.entries.is_empty());
        match page.entries.last() {
            Some((key, _)) if page.more => after = Some(key.clone()),
            _ => break,
        }
    }
    assert_eq!(count, 20);
}

/// A few hundred batches of a fixed pseudo-random sequence, against the simplest thing that could be right.
pub fn random_batches_match_a_map(backend: &dyn Backend) {
    let mut model: BTreeMap<Key, Versioned> = BTreeMap::new();
    let mut dice = 7_u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    for _ in 0..150 {
        let names: std::collections::BTreeSet<_> = (0..=roll(6)).map(|_| key(&format!("k{:02}", roll(40)))).collect();
        let operations: Vec<Operation> = names
            .into_iter()
            .map(|name| match roll(3) {
                0 => Operation::Delete(name),
                _ => Operation::Put(name, pattern(roll(9_000) as usize, roll(250) as usize)),
            })
            .collect();
        let revision = commit(backend, [], operations.clone());
        for operation in operations {
            match operation {
                Operation::Delete(key) => drop(model.remove(&key)),
                Operation::Put(key, value) => {
                    let created = model.get(&key).map_or(revision, |old| old.created);
                    model.insert(key, Versioned { value, created, modified: revision });
                }
            }
        }
    }
    let expected: Vec<_> = model.into_iter().collect();
    assert!(scan(backend, "k", None, 64).entries == expected, "the scan and the model differ");
    for (key, value) in expected {
        assert!(backend.get(&key).expect("reads") == Some(value), "{key:?} differs from the model");
    }
}
