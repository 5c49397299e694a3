//! A store that fills a small disk by itself gets over it without a hand: the program `small_disk` is the store.

use std::process::Command;

use super::disk::on_disk;
use crate::crash::example;
use crate::soak::rounds;

/// Runs the program in one of its ways on a disk of its own, of several sizes in the long run.
fn check(way: &str) {
    for round in 0..rounds(1, 3) {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut program = Command::new(example("small_disk"));
        program.arg(way).arg(folder.path()).arg(other.path().join("store"));
        let size = format!("{}m", 128 << round);
        let output = on_disk(folder.path(), &size, &program).output().unwrap();
        let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains("came back"), "{size}: {}\n{out}\n{error}", output.status);
    }
}

#[test]
fn a_store_that_filled_its_disk_is_read_and_written_again_once_its_history_is_shorter() {
    check("restart");
}

#[test]
fn a_small_resource_that_is_changed_often_does_not_stop_writes_for_good() {
    check("small");
}

#[test]
fn a_compaction_that_does_not_fit_changes_nothing_and_one_to_another_disk_is_done() {
    check("compact");
}

#[test]
fn a_disk_that_others_have_filled_stops_neither_opening_nor_reads_nor_deletions() {
    check("filled");
}
