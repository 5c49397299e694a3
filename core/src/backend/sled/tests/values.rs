//! How values, the change log and the floor lie on disk.

use std::collections::BTreeSet;
use std::fs;

use super::*;

fn blobs(folder: &Path) -> usize {
    fs::read_dir(folder.join("sled/blobs")).map_or(0, Iterator::count)
}

#[test]
fn values_of_all_sizes_leave_no_blobs() {
    let mut bed = bed();
    // Also where leaves shrink and are merged with others.
    for round in 0..12_usize {
        let sizes = [0_usize, 100, 6_000, 6_100, 7_000, 7_200, 30_000, 130_000, 140_000, 300_000];
        for (index, size) in sizes.into_iter().enumerate() {
            let value = "x".repeat(size.saturating_sub(round * 37));
            let operations = (0..6).map(|number| put(&format!("k{index}/{number}"), &value)).collect();
            revision(&bed.store.commit(Batch { preconditions: Vec::new(), operations }));
            assert_eq!(blobs(bed.folder.path()), 0);
        }
        bed = bed.reopen();
        assert_eq!(blobs(bed.folder.path()), 0);
    }
    assert_eq!(bed.get("k9/5").map(|value| value.len()), Some(299_593));
}

#[test]
fn old_chunks_go_with_their_value() {
    let bed = bed();
    for size in [50_000, 20_000, 10] {
        revision(&bed.put("a", &"x".repeat(size)));
    }
    revision(&bed.put("b", &"x".repeat(50_000)));
    revision(&begin(&bed.store, Vec::new(), Operation::Delete(key("b"))));
    let view = bed.store.shared.view();
    let chunks = view.db().expect("it is open").range([2_u8]..[3_u8]).count();
    assert_eq!(chunks, 0);
}

#[test]
fn the_floor_outlives_the_store_and_the_log_is_gone() {
    let bed = bed();
    for number in 0..200 {
        revision(&bed.put(&format!("k{number}"), "value"));
    }
    bed.store.compact(150).expect("compacts");
    let parts = |bed: &Bed| bed.store.shared.view().db().expect("it is open").range([1_u8]..[2_u8]).count();
    assert_eq!(parts(&bed), 50);
    let bed = bed.reopen();
    assert!(matches!(bed.store.changes(149, 1), Err(Error::Expired { asked: 149, oldest: 150 })));
    assert_eq!(bed.store.changes(150, 1000).expect("it is kept").len(), 50);
    bed.store.compact(1000).expect("compacts");
    let bed = bed.reopen();
    assert_eq!((parts(&bed), bed.store.revision()), (0, 200));
    assert_eq!(bed.store.changes(200, 1000).expect("it is kept"), []);
}

#[test]
fn recent_puts_are_recalled_when_the_store_is_opened() {
    let bed = bed();
    for name in ["p/1", "q/1"] {
        revision(&bed.put(name, "value"));
    }
    let bed = bed.reopen();
    let quiet = |prefix: &str, after| vec![Precondition::NothingPutUnder(key(prefix), after)];
    assert!(end(&begin(&bed.store, quiet("q/", 1), put("x", "value"))).is_err());
    revision(&begin(&bed.store, quiet("p/", 1), put("x", "value")));
}

#[test]
fn a_small_change_of_a_large_value_writes_little_and_leaves_no_chunk_behind() {
    let mut bed = bed();
    let chunks = |bed: &Bed| {
        let view = bed.store.shared.view();
        let entries = view.db().expect("it is open").range([2_u8]..[3_u8]);
        entries
            .map(|entry| entry.expect("it is read"))
            .map(|(key, value)| (key.to_vec(), value.len()))
            .collect::<Vec<_>>()
    };
    let spec: String = (0..200_000).map(|number: u32| number.to_string()).collect();
    revision(&bed.put("a", &format!("label 0 {spec}")));
    let format = |bed: &Bed| bed.store.shared.folder.marker().format;
    assert_eq!(format(&bed), 1, "nothing needs a newer one yet");
    for round in 1..40 {
        let before: BTreeSet<_> = chunks(&bed).into_iter().collect();
        let value = format!("label {} {spec} status {round}", "x".repeat(round * 7 % 60));
        revision(&bed.put("a", &value));
        let after: BTreeSet<_> = chunks(&bed).into_iter().collect();
        let written: usize = after.difference(&before).map(|(_, length)| length).sum();
        assert!(written < 32 << 10, "{written} bytes in round {round}");
        let total: usize = after.iter().map(|(_, length)| length).sum();
        assert_eq!(total, value.len(), "the chunks of nothing else are left");
        if round % 10 == 0 {
            bed = bed.reopen();
        }
        assert_eq!(bed.get("a").as_deref(), Some(&*value));
    }
    assert_eq!(format(&bed), 2, "programs that do not know it refuse the folder");
    revision(&begin(&bed.store, Vec::new(), Operation::Delete(key("a"))));
    assert_eq!(chunks(&bed), []);
}

#[test]
fn leaves_that_shrink_and_merge_leave_no_blobs() {
    let bed = bed();
    let noise = |number: usize, length: usize| -> String {
        (0..)
            .flat_map(|place: usize| (number * 7919 + place).to_string().into_bytes())
            .take(length)
            .map(char::from)
            .collect()
    };
    // Values that just fit a leaf, of which ever other ones go and come, and large ones whose chunks are changed in places.
    let mut large = noise(1, 400_000);
    for round in 0..60_usize {
        let small = (0..40).map(|number| match (number * 7 + round) % 5 {
            0..3 => Operation::Delete(key(&format!("s{number:02}"))),
            _ => put(&format!("s{number:02}"), &noise(number + round, 6_050)),
        });
        large.replace_range(round * 6_007..round * 6_007 + 9, "replaced!");
        let operations = small.chain([put("large", &large)]).collect();
        revision(&bed.store.commit(Batch { preconditions: Vec::new(), operations }));
        assert_eq!(blobs(bed.folder.path()), 0, "in round {round}");
    }
    assert_eq!(bed.get("large").as_deref(), Some(&*large));
}
