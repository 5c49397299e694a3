//! What waits to be written under its own key: nobody can tell, also after a kill.

use std::collections::BTreeMap;
use std::fs;

use super::super::bundle;
use super::*;

/// Small caches let little wait.
fn open_small(path: &Path) -> SledBackend {
    let options = SledOptions { cache_bytes: 1 << 19, ..SledOptions::default() };
    SledBackend::open(path, options).expect("it opens")
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder");
    for entry in fs::read_dir(from).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        let target = to.join(path.file_name().expect("a file has a name"));
        match path.is_dir() {
            true => copy_all(&path, &target),
            false => drop(fs::copy(&path, target).expect("it can be copied")),
        }
    }
}

fn parts(store: &SledBackend) -> usize {
    store.shared.view().db().expect("it is open").range(bundle::all()).count()
}

/// Numbers that look like chance and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

type Model = BTreeMap<Key, (Bytes, Revision, Revision)>;

/// One batch of operations on different keys, in the store and in the model.
fn change(store: &SledBackend, model: &mut Model, numbers: &mut Numbers) {
    let mut operations = BTreeMap::new();
    for _ in 0..=numbers.below(12) {
        let area = ["h", "h", "r", "x"][numbers.below(4) as usize];
        let key = key(&format!("{area}/{:03}/00000001", numbers.below(60)));
        let value = match numbers.below(8) {
            0 => None,
            1 => Some(vec![7; numbers.below(20_000) as usize]),
            2 => Some(vec![8; numbers.below(2_000) as usize]),
            // Little of it changes.
            _ => {
                let mut value = model.get(&key).map_or_else(|| vec![9; 1_500], |(value, ..)| value.to_vec());
                let place = numbers.below(value.len().max(1) as u64) as usize;
                value.get_mut(place).into_iter().for_each(|byte| *byte = numbers.below(256) as u8);
                Some(value)
            }
        };
        operations.insert(key, value.map(Bytes::from));
    }
    let batch = operations.iter().map(|(key, value)| match value {
        Some(value) => Operation::Put(key.clone(), value.clone()),
        None => Operation::Delete(key.clone()),
    });
    let modified = revision(&store.commit(Batch { preconditions: Vec::new(), operations: batch.collect() }));
    for (key, value) in operations {
        let created = model.get(&key).map_or(modified, |(_, created, _)| *created);
        match value {
            Some(value) => drop(model.insert(key, (value, created, modified))),
            None => drop(model.remove(&key)),
        }
    }
}

/// What the store has is what the model has, read one by one and in order.
fn compare(store: &SledBackend, model: &Model) {
    let (mut after, mut found) = (None, Model::new());
    loop {
        let page = store.scan(&super::super::super::Scan { after, limit: 7, ..Default::default() }).expect("reads");
        after = page.entries.last().map(|(key, _)| key.clone());
        found.extend(page.entries.into_iter().map(|(key, state)| (key, (state.value, state.created, state.modified))));
        if !page.more {
            break;
        }
    }
    assert!(found == *model, "{:?} are not {:?}", found.keys(), model.keys());
    for (key, (value, created, modified)) in model {
        let state = store.get(key).expect("reads").expect("it is there");
        assert!((&state.value, state.created, state.modified) == (value, *created, *modified), "{key:?}");
    }
}

#[test]
fn what_waits_is_read_and_outlives_a_kill_a_close_and_a_compaction() {
    let folders = tempfile::tempdir().expect("a temporary folder");
    let (mut model, mut numbers, mut bundled) = (Model::new(), Numbers(7), 0);
    let mut folder = folders.path().join("0");
    for round in 1..=8 {
        let store = open_small(&folder);
        compare(&store, &model);
        for step in 0..120 {
            change(&store, &mut model, &mut numbers);
            if step % 40 == 0 {
                compare(&store, &model);
            }
        }
        bundled = bundled.max(parts(&store));
        let next = folders.path().join(round.to_string());
        match round % 2 {
            // A copy of the files at this moment is what a kill leaves.
            0 => copy_all(&folder, &next),
            _ => {
                store.verify().expect("all keys are there");
                assert!(store.format() >= 2);
                drop(store);
                let looked_at = folders.path().join(format!("{round}.sled"));
                copy_all(&folder.join("sled"), &looked_at);
                let data = ::sled::open(looked_at).expect("it was closed");
                assert_eq!(data.range(bundle::all()).count(), 0, "nothing waits in a closed store");
                drop(data);
                SledBackend::rewrite_to(&folder, &next, &SledOptions::default(), |_| {}).expect("there is space");
            }
        }
        folder = next;
    }
    assert!(bundled > 3, "{bundled} parts: hardly anything waited");
    // And what waits after a kill is in a compacted copy.
    let copy = folders.path().join("copy");
    SledBackend::rewrite_to(&folder, &copy, &SledOptions::default(), |_| {}).expect("there is space");
    compare(&open_small(&copy), &model);
}

#[test]
fn a_part_that_cannot_be_read_is_damage() {
    let bed = bed();
    revision(&bed.put("h/1", "value"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copied = folder.path().join("copied");
    copy_all(bed.folder.path(), &copied);
    let data = ::sled::open(copied.join("sled")).expect("no process has the copy");
    let (part, _) = data.range(bundle::all()).next().expect("it waits").expect("it can be read");
    data.insert(part, "no part").expect("sled writes");
    drop(data);
    assert!(matches!(open(&copied), Err(OpenError::Damaged { .. })));
}

#[test]
fn what_changes_often_is_written_as_a_difference_and_its_history_once() {
    let bed = bed();
    let value = |number: usize| format!("{}{number}", "x".repeat(2_000));
    revision(&bed.put("r/1", &value(0)));
    for number in 1..200 {
        revision(&bed.store.commit(Batch {
            preconditions: Vec::new(),
            operations: vec![put("r/1", &value(number)), put(&format!("h/1/{number:03}"), "old")],
        }));
    }
    let length = |part: ::sled::Result<(::sled::IVec, ::sled::IVec)>| part.expect("it can be read").1.len();
    let view = bed.store.shared.view();
    let bundled: usize = view.db().expect("it is open").range(bundle::all()).map(length).sum();
    assert!((4_000..200 * 120).contains(&bundled), "{bundled} bytes");
    drop(view);
    assert_eq!((bed.get("r/1"), bed.get("h/1/123")), (Some(value(199)), Some("old".to_owned())));
    let bed = bed.reopen();
    assert_eq!((bed.get("r/1"), bed.get("h/1/123")), (Some(value(199)), Some("old".to_owned())));
}
