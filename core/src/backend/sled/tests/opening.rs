//! Which folders are opened, and what is left of those that are not.

use std::collections::BTreeMap;
use std::fs;

use super::super::directory::Directory;
use super::super::marker::{MARKER, Marker};
use super::super::meta::{META, Meta};
use super::*;

/// The bytes of each file under a folder, but not of the lock file.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("kindstore.lock") {
                found.insert(path.display().to_string(), fs::read(&path).expect("it can be read"));
            }
        }
    }
    found
}

fn filled(bytes: usize) -> Bed {
    let bed = bed();
    let value = "x".repeat(5_000);
    let commits: Vec<_> = (0..bytes / 5_000).map(|number| bed.put(&format!("k{number}"), &value)).collect();
    commits.iter().for_each(|commit| assert!(end(commit).is_ok()));
    bed
}

fn raw(folder: &Path) -> ::sled::Db {
    ::sled::Config::new().path(folder.join("sled")).open().expect("it was closed")
}

fn marker(folder: &Path) -> Marker {
    let directory = Directory::open(folder).expect("it is a folder");
    Marker::read(&directory).expect("it can be read").expect("it is there")
}

fn write_marker(folder: &Path, marker: Marker) {
    let directory = Directory::open(folder).expect("it is a folder");
    marker.write(&directory).expect("it can be written");
}

/// Sets the marker to what a killed process leaves.
fn mark_unclean(folder: &Path) {
    let marker = marker(folder);
    assert!(marker.clean);
    write_marker(folder, Marker { clean: false, fingerprint: None, ..marker });
}

#[test]
fn a_folder_opens_again_also_while_programs_are_started() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                // Between fork and exec, a child holds all descriptors of its parent.
                std::process::Command::new("true").status().expect("the system has it");
            }
        });
        let opened: Vec<_> = (0..50).map(|_| open(folder.path()).map(drop)).collect();
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(opened.into_iter().find_map(Result::err), None);
    });
}

#[test]
fn a_closed_store_is_found_as_it_was_left() {
    let bed = bed();
    revision(&bed.put("a", "value"));
    let bed = bed.reopen();
    assert_eq!((bed.get("a").as_deref(), bed.store.revision()), (Some("value"), 1));
    assert_eq!(revision(&bed.put("a", "other")), 2);
}

#[test]
fn a_missing_folder_is_made_and_an_emptied_one_is_taken() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let deep = folder.path().join("a/b");
    drop(open(&deep).expect("it is made"));
    assert!(deep.join(MARKER).exists() && deep.join("sled/db").exists());
    let other = folder.path().join("other");
    fs::create_dir(&other).expect("a temporary folder");
    fs::write(other.join("kindstore.lock"), "1\n").expect("a temporary folder");
    open(&other).expect("it has nothing but a lock file that we left");
}

#[test]
fn a_folder_with_other_files_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("letter.txt"), "dear").expect("a temporary folder");
    assert!(matches!(open(folder.path()), Err(OpenError::Foreign { .. })));
    assert_eq!(fs::read_dir(folder.path()).expect("it is a folder").count(), 1);
}

#[test]
fn a_plain_sled_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    drop(raw(folder.path()));
    assert!(matches!(open(folder.path()), Err(OpenError::Foreign { .. })));
}

#[test]
fn a_folder_that_cannot_be_made_says_why() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a temporary folder");
    assert!(matches!(open(&file), Err(OpenError::Io { .. })));
    assert!(matches!(open(&file.join("below")), Err(OpenError::Io { .. })));
}

#[test]
fn a_folder_in_use_names_the_process() {
    let bed = bed();
    let Err(OpenError::InUse { process, .. }) = open(bed.folder.path()) else { panic!("it was opened twice") };
    assert_eq!(process, Some(std::process::id()));
    revision(&bed.put("a", "value"));
}

#[test]
fn a_newer_format_is_refused_and_not_touched() {
    let bed = bed();
    let newer = r#"{"magic":"kindstore","format":3,"clean":{"since":"then"}}"#;
    let (folder, opened) = bed.reopen_after(|folder| fs::write(folder.join(MARKER), newer).expect("it can be written"));
    let Err(OpenError::NewerFormat { found, known, .. }) = opened else { panic!("it was opened") };
    assert_eq!((found, known), (3, 2));
    assert_eq!(fs::read_to_string(folder.path().join(MARKER)).expect("it can be read"), newer);
}

#[test]
fn a_marker_that_is_not_ours_or_cannot_be_read_is_refused() {
    for (text, is_foreign) in
        [(r#"{"magic":"other","format":1}"#, true), ("", false), (r#"{"magic":"kindstore","format":1}"#, false)]
    {
        let (_folder, opened) =
            bed().reopen_after(|folder| fs::write(folder.join(MARKER), text).expect("it can be written"));
        match opened {
            Err(OpenError::Foreign { .. }) => assert!(is_foreign),
            Err(OpenError::Damaged { .. }) => assert!(!is_foreign),
            other => panic!("{other:?}"),
        }
    }
}

/// Cuts the data file and takes away what sled could make up for it.
fn cut(folder: &Path, length: u64) {
    let db = fs::OpenOptions::new().write(true).open(folder.join("sled/db")).expect("it is there");
    db.set_len(length).expect("it can be cut");
    for snapshot in fs::read_dir(folder.join("sled")).expect("it is a folder").flatten() {
        if snapshot.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(snapshot.path()).expect("it can be removed");
        }
    }
}

fn flip(folder: &Path, place: usize) {
    let path = folder.join("sled/db");
    let mut bytes = fs::read(&path).expect("it is there");
    let end = bytes.len().min(place + 64 * 1024);
    bytes[place.min(end)..end].iter_mut().for_each(|byte| *byte ^= 0x55);
    fs::write(&path, bytes).expect("it can be written");
}

const PLACES: [usize; 7] = [0, 300_000, 512 * 1024, 1024 * 1024 + 4096, 2_000_000, 2_600_000, 2_900_000];

#[test]
fn damage_to_a_closed_store_is_found_and_nothing_is_changed() {
    let damages: [&dyn Fn(&Path); 3] = [&|folder| cut(folder, 0), &|folder| cut(folder, 700_000), &|folder| {
        fs::remove_file(folder.join("sled/conf")).expect("it is there")
    }];
    let flips = PLACES.map(|place| move |folder: &Path| flip(folder, place));
    for damage in damages.into_iter().chain(flips.iter().map(|flip| flip as &dyn Fn(&Path))) {
        let mut before = BTreeMap::new();
        let (folder, opened) = filled(3_000_000).reopen_after(|folder| {
            damage(folder);
            before = files(folder);
        });
        assert!(matches!(opened, Err(OpenError::Damaged { .. })), "{opened:?}");
        let after = files(folder.path());
        let changed = before.keys().chain(after.keys()).find(|name| before.get(*name) != after.get(*name));
        assert_eq!(changed, None, "a file was changed");
    }
}

#[test]
fn damage_to_a_killed_store_is_refused_or_stops_writes() {
    for place in PLACES {
        let (_folder, opened) = filled(3_000_000).reopen_after(|folder| {
            flip(folder, place);
            mark_unclean(folder);
        });
        let store = match opened {
            Err(error) => {
                assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
                continue;
            }
            Ok(store) => store,
        };
        store.finish_recount();
        let is_lost = |number| !matches!(store.get(format!("k{number}").as_bytes()), Ok(Some(_)));
        let lost = (0..600).filter(|number| is_lost(*number)).count();
        let committed = end(&begin(&store, Vec::new(), put("a", "value")));
        assert!(lost == 0 || committed.is_err(), "{lost} values are gone unsaid");
    }
}

#[test]
fn a_killed_store_without_its_data_is_damaged_and_stays_so() {
    let (folder, opened) = filled(1_000_000).reopen_after(|folder| {
        cut(folder, 0);
        mark_unclean(folder);
    });
    assert!(matches!(opened, Err(OpenError::Damaged { .. })), "{opened:?}");
    assert!(matches!(open(folder.path()), Err(OpenError::Damaged { .. })));
}

#[test]
fn an_opening_that_was_broken_off_is_no_damage() {
    let Bed { folder, trick, store } = filled(100_000);
    drop(store);
    trick.fail();
    assert!(matches!(open_with(folder.path(), &trick), Err(OpenError::Io { .. })));
    // sled was at work in between.
    let data = raw(folder.path());
    data.insert([0_u8, b'x'], "other").expect("sled writes");
    drop(data);
    let store = open(folder.path()).expect("nothing says any more that the files are as they were");
    assert_eq!(store.revision(), 20);
}

#[test]
fn a_store_that_is_not_at_the_revision_it_was_left_at_is_damaged() {
    let (_folder, opened) = filled(100_000).reopen_after(|folder| {
        let db = raw(folder);
        let meta = db.get(META).expect("sled reads").and_then(|meta| Meta::from_bytes(&meta)).expect("it is there");
        db.insert(META, Meta { revision: meta.revision - 1, ..meta }.to_bytes()).expect("sled writes");
        drop(db);
        mark_unclean(folder);
    });
    assert!(matches!(opened, Err(OpenError::Damaged { .. })), "{opened:?}");
}

#[test]
fn a_killed_store_that_fell_back_behind_its_marker_is_damaged() {
    let bed = filled(100_000);
    bed.store.shared.update_marker();
    let marker = bed.store.shared.folder.marker();
    assert_eq!((marker.clean, marker.durable), (false, 20));
    let (_folder, opened) = bed.reopen_after(|folder| {
        fs::remove_dir_all(folder.join("sled")).expect("it can be removed");
        write_marker(folder, marker);
    });
    assert!(matches!(opened, Err(OpenError::Damaged { .. })), "{opened:?}");
}

#[test]
fn a_killed_store_that_lost_its_newest_write_alone_is_damaged() {
    let bed = filled(100_000);
    let before = tempfile::tempdir().expect("a temporary folder");
    copy(bed.folder.path(), before.path());
    copy(&bed.folder.path().join("sled"), &before.path().join("sled"));
    assert_eq!(open(before.path()).expect("nothing is missing").revision(), 20);
    // As if all of the last write were cut off: only the note knows of it.
    copy(&bed.folder.path().join("sled"), &before.path().join("sled"));
    fs::copy(bed.folder.path().join(MARKER), before.path().join(MARKER)).expect("it can be copied");
    assert_eq!(revision(&bed.put("last", "value")), 21);
    let note = "kindstore.durable";
    fs::copy(bed.folder.path().join(note), before.path().join(note)).expect("it can be copied");
    let marker = marker(before.path());
    assert!(marker.durable <= 20, "{marker:?}");
    let opened = open(before.path());
    assert!(matches!(opened, Err(OpenError::Damaged { .. })), "{opened:?}");
}

/// Copies the files of a folder, not the folders in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder");
    for entry in fs::read_dir(from).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().expect("a file has a name"))).expect("it can be copied");
        }
    }
}

#[test]
fn a_snapshot_that_was_never_finished_does_not_stop_the_store() {
    let (folder, opened) = filled(100_000).reopen_after(|folder| {
        fs::write(folder.join("sled/snap.00000000000000AA.generating"), "half").expect("it can be written");
    });
    let store = opened.expect("the rest is whole");
    assert_eq!(store.revision(), 20);
    assert!(files(folder.path()).keys().all(|file| !file.ends_with(".generating")));
}

#[test]
fn a_store_that_was_killed_is_counted_again_and_then_clean() {
    let bed = filled(2_000_000);
    let folder = bed.folder;
    drop(bed.store);
    mark_unclean(folder.path());
    let store = open(folder.path()).expect("nothing is missing");
    // Commits that come while it counts.
    let commits: Vec<_> = (0..300)
        .map(|number| match number % 3 {
            0 => begin(&store, Vec::new(), Operation::Delete(key(&format!("k{number}")))),
            1 => begin(&store, Vec::new(), put(&format!("k{number}"), "other")),
            _ => begin(&store, Vec::new(), put(&format!("new{number}"), "value")),
        })
        .collect();
    store.finish_recount();
    commits.iter().for_each(|commit| assert!(end(commit).is_ok()));
    drop(store);
    assert!(marker(folder.path()).clean);
}

#[test]
fn a_store_that_lost_a_key_takes_no_writes() {
    let (folder, opened) = filled(1_000_000).reopen_after(|folder| {
        raw(folder).remove("k77").expect("sled removes");
        mark_unclean(folder);
    });
    let store = opened.expect("it is found while counting");
    store.finish_recount();
    let refused = end(&begin(&store, Vec::new(), put("a", "value")));
    let Err(super::super::super::CommitError::Failed(Error::Unavailable { why })) = refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains("damage") && why.contains("copy"), "{why}");
    assert!(store.get(b"k78").expect("reads").is_some());
    drop(store);
    // It stays so when it is opened again.
    let store = open(folder.path()).expect("it is found while counting");
    store.finish_recount();
    assert!(end(&begin(&store, Vec::new(), put("a", "value"))).is_err());
}
