//! What kindstore reaches, beside its peers in the same run: `make bench` writes `target/bench/report.md`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod bare;
mod check;
mod child;
mod count;
mod document;
mod etcd;
mod fill;
mod http1;
mod instructions;
mod load;
mod metrics;
mod plot;
mod process;
mod raw_sled;
mod report;
mod scenario;
mod server;
mod wire;

use std::path::Path;
use std::process::ExitCode;

use metrics::{Metrics, Sizes};

/// The allocator of the server, for ourselves and for the peers that run in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["all", folder] => match report::write(Path::new(folder), &all()) {
            Ok(text) => println!("{text}"),
            Err(error) => return failed(&format!("the report cannot be written to {folder}: {error}")),
        },
        ["scenario", name] => match scenario::find(name) {
            Some(run) => println!("{}", run(&Sizes::from_environment())),
            None => return failed(&format!("there is no scenario {name:?}")),
        },
        ["bare", name] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(bare::serve(name, document::Texts::new().text(0).into()));
        }
        ["fill", folder, many] => child::crash(&scenario::many::fill(Path::new(folder), many.parse().unwrap_or(0))),
        ["fill-raw", folder, many] => {
            child::crash(&scenario::many::fill_raw(Path::new(folder), many.parse().unwrap_or(0)))
        }
        ["count", name, times] => {
            if times.parse().ok().and_then(|times| count::run(name, times)).is_none() {
                return failed(&format!("there is no operation {name:?}"));
            }
        }
        _ => return failed("usage: kindstore-bench all FOLDER | scenario NAME | count NAME TIMES"),
    }
    ExitCode::SUCCESS
}

fn failed(why: &str) -> ExitCode {
    eprintln!("kindstore-bench: {why}");
    ExitCode::FAILURE
}

/// Every scenario, some of them in several rounds that go through all peers in turn; a figure is the median of its rounds.
fn all() -> Metrics {
    let sizes = Sizes::from_environment();
    let mut metrics = Metrics::default();
    let run = |name: &str| {
        eprintln!("kindstore-bench: {name}");
        child::run("scenario", &[name.as_ref()])
    };
    let rounds: Vec<Metrics> = (0..sizes.rounds)
        .map(|_| {
            let mut round = Metrics::default();
            scenario::IN_ROUNDS.iter().for_each(|name| round.extend(run(name)));
            round
        })
        .collect();
    metrics.extend(Metrics::medians(&rounds));
    scenario::ONCE.iter().for_each(|name| metrics.extend(run(name)));
    eprintln!("kindstore-bench: instructions");
    metrics.extend(instructions::measure());
    metrics
}
