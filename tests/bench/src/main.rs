//! What kindstore reaches, beside its peers in the same run.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod bare;
mod count;
mod document;
mod etcd;
mod fill;
mod http1;
mod load;
mod metrics;
mod process;
mod raw_sled;
mod scenario;
mod server;
mod wire;

use std::process::ExitCode;

/// The allocator of the server, for ourselves and for the peers that run in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["scenario", name] => match scenario::find(name) {
            Some(run) => {
                println!("{}", run(&metrics::Sizes::from_environment()));
                ExitCode::SUCCESS
            }
            None => {
                eprintln!("there is no scenario {name:?}");
                ExitCode::FAILURE
            }
        },
        ["bare", name] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(bare::serve(name, document::Texts::new().text(0).into()));
            ExitCode::SUCCESS
        }
        ["count", name, times] => match times.parse().ok().and_then(|times| count::run(name, times)) {
            Some(()) => ExitCode::SUCCESS,
            None => ExitCode::FAILURE,
        },
        _ => ExitCode::FAILURE,
    }
}
