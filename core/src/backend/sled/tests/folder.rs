//! What else lies in a store's folder, where the folder is, and for whom its files are.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::super::super::CommitError;
use super::*;

/// A store with one key. Its count has ended, so that it is closed with a fingerprint.
fn counted() -> Bed {
    let bed = bed();
    revision(&bed.put("a", "value"));
    bed.store.finish_recount();
    bed
}

#[test]
fn files_of_others_beside_those_of_the_store_come_and_go() {
    let bed = counted();
    let strangers = ["sled/.DS_Store", "sled/db~", "sled/._db", ".DS_Store", "notes.txt"];
    let add = |folder: &Path| strangers.iter().for_each(|name| fs::write(folder.join(name), "x").expect("written"));
    let (folder, opened) = bed.reopen_after(add);
    drop(opened.expect("the store's own files are as they were left"));
    strangers.iter().for_each(|name| fs::remove_file(folder.path().join(name)).expect("it is still there"));
    let store = open(folder.path()).expect("the store's own files are as they were left");
    assert_eq!(store.revision(), 1);
}

#[test]
fn a_fingerprint_over_all_files_counts_as_earlier_programs_took_it() {
    let bed = counted();
    let (_folder, opened) = bed.reopen_after(|folder| {
        let data = folder.join("sled");
        // A name that comes first in order, so that the checksum over all files differs from one over the store's own.
        fs::write(data.join(".DS_Store"), "x").expect("written");
        let mut names: Vec<_> = fs::read_dir(&data).expect("a folder").map(|entry| entry.expect("listed")).collect();
        names.retain(|entry| entry.path().is_file());
        names.sort_by_key(fs::DirEntry::file_name);
        let mut hasher = crate::checksum::Hasher::new();
        for entry in names {
            let content = fs::read(entry.path()).expect("read");
            hasher.update(entry.file_name().as_encoded_bytes());
            hasher.update(&(content.len() as u64).to_be_bytes());
            hasher.update(&content);
        }
        let directory = super::super::directory::Directory::open(folder).expect("a folder");
        let marker = super::super::marker::Marker::read(&directory).expect("read").expect("there");
        let marker = super::super::marker::Marker { fingerprint: Some(hasher.finalize()), ..marker };
        marker.write(&directory).expect("written");
    });
    assert_eq!(opened.expect("nothing is damaged").revision(), 1);
}

#[test]
fn a_missing_file_is_named() {
    for name in ["db", "conf"] {
        let bed = counted();
        let (_folder, opened) =
            bed.reopen_after(|folder| fs::remove_file(folder.join("sled").join(name)).expect("there"));
        let Err(OpenError::Damaged { why, .. }) = opened else { panic!("{opened:?}") };
        assert_eq!(why, format!("its file sled/{name} is missing"));
    }
}

#[test]
fn a_copy_of_a_snapshot_is_named_and_not_read() {
    let bed = counted();
    let copy = "snap.00000000000000AA (copy)";
    let (folder, opened) = bed.reopen_after(|folder| fs::write(folder.join("sled").join(copy), "x").expect("written"));
    let Err(OpenError::Io { why, .. }) = opened else { panic!("{opened:?}") };
    assert!(why.contains(copy) && why.ends_with("move it away"), "{why}");
    fs::remove_file(folder.path().join("sled").join(copy)).expect("it was not touched");
    assert_eq!(open(folder.path()).expect("nothing else is wrong").revision(), 1);
}

#[test]
fn a_folder_with_nothing_but_what_systems_put_there_becomes_a_store() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("lost+found")).expect("created");
    fs::write(folder.path().join(".DS_Store"), "x").expect("written");
    drop(open(folder.path()).expect("it counts as empty"));
    fs::write(folder.path().join("letter.txt"), "x").expect("written");
    drop(open(folder.path()).expect("it is a store"));
}

#[test]
fn a_symbolic_link_in_the_place_of_a_file_is_refused_and_not_followed() {
    for name in ["kindstore.lock", "kindstore.durable", "kindstore.marker.new", "sled/db", "sled/conf"] {
        let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let target = other.path().join("precious");
        fs::write(&target, "precious").expect("written");
        if name.starts_with("sled/") {
            drop(open(folder.path()).expect("it becomes a store"));
            fs::remove_file(folder.path().join(name)).expect("there");
        }
        symlink(&target, folder.path().join(name)).expect("linked");
        let opened = open(folder.path());
        // What an earlier process left unfinished is replaced; everything else is refused.
        match name {
            "kindstore.marker.new" => assert!(opened.is_ok(), "{opened:?}"),
            _ => {
                assert!(matches!(&opened, Err(OpenError::Io { .. } | OpenError::Foreign { .. })), "{name}: {opened:?}")
            }
        }
        drop(opened);
        assert_eq!(fs::read_to_string(&target).expect("it is there"), "precious", "{name}");
    }
}

#[test]
fn a_store_whose_folder_was_replaced_writes_into_neither() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let (path, moved) = (parent.path().join("store"), parent.path().join("moved"));
    let old = open(&path).expect("it is made");
    assert_eq!(revision(&begin(&old, Vec::new(), put("a", "old"))), 1);
    fs::rename(&path, &moved).expect("moved");
    let new = open(&path).expect("a new store in the place of the old one");
    assert_eq!(revision(&begin(&new, Vec::new(), put("a", "new"))), 1);
    let refused = end(&begin(&old, Vec::new(), put("b", "old")));
    let Err(CommitError::Failed(Error::Unavailable { why })) = refused else { panic!("{refused:?}") };
    assert!(why.contains("was moved or replaced"), "{why}");
    assert_eq!(old.get(b"a").expect("reads go on").map(|found| found.value), Some("old".into()));
    drop(old);
    assert_eq!(revision(&begin(&new, Vec::new(), put("b", "new"))), 2);
    drop(new);
    for (path, expected) in [(&path, 2), (&moved, 1)] {
        let store = open(path).expect("it is whole");
        assert_eq!(store.revision(), expected);
        store.finish_recount();
        store.verify().expect("it is sound");
    }
}

#[test]
fn a_clock_before_1970_is_named() {
    use std::time::{Duration, UNIX_EPOCH};
    assert!(super::super::check_clock(UNIX_EPOCH).is_ok());
    let refused = super::super::check_clock(UNIX_EPOCH - Duration::from_secs(1));
    assert!(matches!(refused, Err(OpenError::Settings(why)) if why.contains("set the clock")));
}

#[test]
fn what_a_store_keeps_is_its_owners_alone() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let path = parent.path().join("a/store");
    drop(open(&path).expect("it is made"));
    assert_eq!((mode(&path), mode(&path.join("sled"))), (0o700, 0o700));
    for name in ["kindstore.lock", "kindstore.marker", "kindstore.durable"] {
        assert_eq!(mode(&path.join(name)), 0o600, "{name}");
    }
    // A folder that an earlier program made for all to read; a group that was let in on purpose stays.
    fs::set_permissions(path.join("sled"), fs::Permissions::from_mode(0o755)).expect("changed");
    drop(open(&path).expect("it opens"));
    assert_eq!(mode(&path.join("sled")), 0o750);
    SledBackend::rewrite(&path, &SledOptions::default(), |_| {}).expect("it is compacted");
    assert_eq!(mode(&path.join("sled")), 0o700);
}

#[test]
fn a_compaction_keeps_the_files_of_others() {
    let bed = counted();
    let (folder, store) = (bed.folder, bed.store);
    drop(store);
    let data = folder.path().join("sled");
    fs::create_dir_all(data.join("mine/deep")).expect("created");
    fs::create_dir_all(data.join("blobs")).expect("created");
    let names = ["notes.txt", "db 2", ".DS_Store", "mine/deep/x", "blobs/readme"];
    names.iter().for_each(|name| fs::write(data.join(name), *name).expect("written"));
    // As if a compaction had been cut short where somebody keeps files, one of them under a name that is taken.
    let former = folder.path().join("sled.old");
    fs::create_dir(&former).expect("created");
    fs::write(former.join("precious"), "precious").expect("written");
    fs::write(former.join("notes.txt"), "other").expect("written");
    SledBackend::rewrite(folder.path(), &SledOptions::default(), |_| {}).expect("it is compacted");
    for name in names {
        assert_eq!(fs::read_to_string(data.join(name)).expect("it is kept"), name);
    }
    assert_eq!(fs::read_to_string(data.join("precious")).expect("it is kept"), "precious");
    assert_eq!(fs::read_to_string(data.join("notes.txt.1")).expect("it is kept"), "other");
    assert!(!former.exists() && !folder.path().join("sled.new").exists());
    assert_eq!(open(folder.path()).expect("it opens").revision(), 1);
}
