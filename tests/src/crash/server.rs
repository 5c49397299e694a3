//! The real server, killed at random moments under writers over REST and gRPC.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::client::{Grpc, Rest};
use super::judge::judge;
use super::writer::{self, Ack, Answer, Client};
use crate::chance::Chance;
use crate::process::{Running, command, serve};
use crate::soak::rounds;
use crate::target::furnish;

/// Writers of each binding.
const WRITERS: usize = 4;

/// How many acknowledgements a kill waits for: this many, and up to so many more.
const LEAST: u64 = 20;
const MORE: u64 = 300;

#[test]
fn a_server_that_is_killed_under_load_loses_nothing_that_it_acknowledged() {
    let (mut chance, folder) = (Chance::new(), tempfile::tempdir().unwrap());
    let mut acks = Vec::new();
    for round in 0..rounds(5, 100) {
        let running = serve(folder.path());
        furnish(running.address);
        check_served(running.address, &acks);
        acks.append(&mut load_and_kill(running, round, &mut chance));
        if chance.one_in(3) {
            // Killed while it opens what was left.
            let mut child = command(folder.path()).stdout(std::process::Stdio::null()).spawn().unwrap();
            thread::sleep(Duration::from_micros(chance.below(60_000)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        judge(&folder.path().join("store"), &acks);
    }
    assert!(acks.len() >= 5 * LEAST as usize, "{} writes were acknowledged", acks.len());
    let running = serve(folder.path());
    check_served(running.address, &acks);
}

/// Kills a server under load, and gives what it acknowledged.
pub(crate) fn load_and_kill(mut running: Running, round: usize, chance: &mut Chance) -> Vec<Ack> {
    let (address, acks, enough) = (running.address, Mutex::default(), LEAST + chance.below(MORE));
    thread::scope(|scope| {
        for writer in 0..2 * WRITERS {
            let (acks, mut chance) = (&acks, chance.fork());
            scope.spawn(move || load(writer, round, address, &mut chance, acks));
        }
        while (acks.lock().unwrap().len() as u64) < enough {
            assert!(running.child.try_wait().unwrap().is_none(), "the server goes on until it is killed");
            thread::yield_now();
        }
        thread::sleep(Duration::from_micros(chance.below(5_000)));
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    });
    acks.into_inner().unwrap()
}

pub(crate) fn load(writer: usize, round: usize, address: SocketAddr, chance: &mut Chance, acks: &Mutex<Vec<Ack>>) {
    let who = format!("r{round}-w{writer}");
    let mut acknowledge = |ack| acks.lock().unwrap().push(ack);
    let client: Option<Box<dyn Client>> = match writer % 2 {
        0 => Some(Box::new(Rest(address))),
        _ => Grpc::connect(address).map(|grpc| Box::new(grpc) as Box<dyn Client>),
    };
    if let Some(mut client) = client {
        writer::write(&who, client.as_mut(), chance, &mut acknowledge);
    }
}

/// Through both bindings: the newest of what was acknowledged is there, by name and by id.
fn check_served(address: SocketAddr, acks: &[Ack]) {
    let mut clients: [Box<dyn Client>; 2] = [Box::new(Rest(address)), Box::new(Grpc::connect(address).unwrap())];
    let is_deleted = |ack: &Ack| acks.iter().any(|other| other.id == ack.id && other.token.is_none());
    for ack in acks.iter().rev().take(40).filter(|ack| !is_deleted(ack)) {
        for client in &mut clients {
            let (by_name, by_id) = (client.get(&ack.name), client.get(&ack.id));
            match (by_name, by_id) {
                (Answer::Done(by_name, _), Answer::Done(by_id, _)) if by_name == by_id => {
                    super::content::token_of(&by_name).unwrap();
                    assert!(by_id["metadata"]["resourceVersion"].as_u64() >= Some(ack.version), "{ack}: {by_id}");
                }
                // A delete that nobody was told of may have happened.
                (_, Answer::Refused) => {}
                _ => panic!("the name and the id of {ack} lead to different resources"),
            }
        }
    }
}
