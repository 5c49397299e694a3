//! The command that reads a data folder as a whole.

use kindstore::backend::{Backend, Batch, Key, Operation, SledBackend};

use super::{Bench, ended};

#[test]
fn a_folder_in_order_is_sound_and_what_is_wrong_is_named() {
    let bench = Bench::folder().filled();
    assert_eq!(bench.out(&["check"]), "sound: revision 4, 3 resources, 3 names\n");
    let folder = bench.folder.path().join("store");
    let backend = SledBackend::open(&folder, Default::default()).unwrap();
    let name = Key::from_static(b"n\0Deployment\0default\0clicks");
    backend.commit(Batch { preconditions: Vec::new(), operations: vec![Operation::Delete(name)] }).wait(None);
    drop(backend);
    let found = bench.run(&["check"]);
    assert_eq!((found.code, found.err.as_str()), (1, ""));
    let lines: Vec<_> = found.out.lines().collect();
    assert_eq!(lines.len(), 2, "{found:?}");
    assert!(lines[0].starts_with("Deployment \"") && lines[0].contains("\"clicks\" does not lead to it"), "{found:?}");
    assert_eq!(lines[1], "damaged: revision 5, 2 resources, 2 names, 1 problem");
    let json = bench.run(&["check", "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &report["sound"], &report["problems"][0]["kind"]), (1, &false.into(), &"Deployment".into()));
}

#[test]
fn a_folder_that_is_refused_as_damaged_ends_with_the_reason() {
    let bench = Bench::folder().filled();
    let path = bench.folder.path().join("store/sled/db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(bench.refused(1, &["check"]).contains("its files are not as they were left"));
}

#[test]
fn only_a_folder_can_be_checked() {
    let bench = Bench::server();
    assert!(bench.refused(2, &["check"]).contains("only a data folder"));
    let bench = Bench::folder();
    assert!(bench.refused(1, &["check"]).contains("there is no store"));
    let folder = bench.folder.path().join("store");
    std::fs::create_dir(&folder).unwrap();
    for arguments in
        [&["check"][..], &["check", "-o", "json"], &["compact"], &["get", "deploy"], &["delete", "deploy", "x"]]
    {
        assert!(bench.refused(1, arguments).contains("there is no store"), "{arguments:?}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{arguments:?} writes nothing");
    }
    let mut command = super::command(bench.folder.path());
    command.args(["check", "--store", "memory:"]);
    assert_eq!(ended(command, "").out, "sound: revision 0, 0 resources, 0 names\n");
}

#[test]
fn files_of_others_are_named_and_kept() {
    let bench = Bench::folder().filled();
    let path = bench.folder.path().join("store/sled/notes.txt");
    std::fs::write(&path, "mine").unwrap();
    for arguments in [&["check"][..], &["get", "deploy"], &["compact"], &["check"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.err.contains("not part of the store") && ended.err.contains("notes.txt"), "{ended:?}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}
