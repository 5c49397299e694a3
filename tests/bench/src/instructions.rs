//! Instructions for each operation, counted by callgrind: they do not drift with what else the machine does.

use std::process::{Command, Stdio};

use crate::count;
use crate::metrics::Metrics;

/// Runs each operation a few times and more times; the difference is free of what starting costs.
const TIMES: (u64, u64) = (20, 220);

/// Counts all operations. Nothing where valgrind is missing.
pub(crate) fn measure() -> Metrics {
    let mut metrics = Metrics::default();
    for name in count::NAMES {
        if let (Some(few), Some(more)) = (run(name, TIMES.0), run(name, TIMES.1)) {
            metrics.set(&format!("instructions.{name}"), (more - few) as f64 / (TIMES.1 - TIMES.0) as f64);
        }
    }
    metrics
}

fn run(name: &str, times: u64) -> Option<u64> {
    let own = std::env::current_exe().ok()?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own);
    command.args(["count", name, &times.to_string()]).stdout(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split("Collected : ").nth(1))?;
    line.trim().parse().ok()
}
