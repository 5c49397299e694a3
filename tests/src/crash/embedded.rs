//! A program that embeds the store, killed at random moments under 64 threads that write.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::judge::judge;
use super::writer::Ack;
use crate::chance::Chance;
use crate::soak::rounds;

/// How many acknowledgements a kill waits for: this many, and up to so many more.
const LEAST: u64 = 50;
const MORE: u64 = 1_000;

#[test]
fn a_program_that_is_killed_under_load_loses_nothing_that_it_acknowledged() {
    let mut chance = Chance::new();
    let mut total = 0;
    let (mut folder, mut acks) = (tempfile::tempdir().unwrap(), Vec::new());
    for round in 0..rounds(5, 100) {
        if round % 10 == 0 {
            (folder, acks) = (tempfile::tempdir().unwrap(), Vec::new());
        }
        let mut killed = load_and_kill(folder.path(), round, &mut chance);
        total += killed.len();
        acks.append(&mut killed);
        judge(folder.path(), &acks);
    }
    assert!(total >= 5 * LEAST as usize, "{total} writes were acknowledged");
}

/// Starts the program, kills it after some acknowledgements, and gives all that it printed.
fn load_and_kill(folder: &Path, round: usize, chance: &mut Chance) -> Vec<Ack> {
    let mut child = writers(folder, round, chance.next());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (mut acks, enough) = (Vec::new(), LEAST + chance.below(MORE));
    let mut is_alive = true;
    for line in lines {
        match line.parse::<Ack>() {
            Ok(ack) => acks.push(ack),
            // The last line may have been cut off: half of an acknowledgement is none.
            Err(why) => assert!(!is_alive, "{why}"),
        }
        if is_alive && acks.len() as u64 >= enough {
            thread::sleep(Duration::from_micros(chance.below(5_000)));
            child.kill().unwrap();
            is_alive = false;
        }
    }
    assert!(!is_alive, "the program goes on until it is killed");
    child.wait().unwrap();
    acks
}

fn writers(folder: &Path, round: usize, seed: u64) -> Child {
    let mut command = Command::new(example("writers"));
    command.arg(folder).arg(round.to_string()).arg(seed.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// A program of this crate, which cargo builds beside its tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(program.exists(), "build it first: cargo build --package kindstore-tests --example {name}");
    program
}
