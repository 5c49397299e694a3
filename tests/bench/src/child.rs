//! Scenarios in processes of their own, so that none inherits another's memory, threads or open files.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use crate::metrics::Metrics;

/// Runs this program with a task and its arguments, and reads the figures that it prints. When it has printed them the
/// process is killed: what it left open is left as by a crash.
pub(crate) fn run(task: &str, arguments: &[&OsStr]) -> Metrics {
    let own = std::env::current_exe().expect("this program is a file");
    let mut command = Command::new(own);
    command.arg(task).args(arguments).stdout(Stdio::piped());
    let output = command.spawn().and_then(|child| child.wait_with_output()).expect("the task runs");
    assert!(output.status.success() || output.status.code().is_none(), "{task} failed");
    let text = String::from_utf8_lossy(&output.stdout);
    Metrics::parse(text.lines().last().unwrap_or_default()).expect("it prints its figures")
}

/// Ends this process as a crash would, after its figures are out.
pub(crate) fn crash(metrics: &Metrics) -> ! {
    println!("{metrics}");
    // An abort runs no destructor and closes nothing in order.
    std::process::abort()
}
