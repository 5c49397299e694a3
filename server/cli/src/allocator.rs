//! The allocator's choice between speed and memory.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What keeps mimalloc from asking for huge pages, of which small pieces take a whole one. It reads its options from the
/// environment when the process starts, before any code of ours.
const HUGE_PAGES: &str = "MIMALLOC_ALLOW_THP";

/// Starts this program anew in the same process, with an allocator that takes less memory. Returns in a process that was
/// started so, or where that cannot be done: then the server takes more memory, which is no reason not to serve.
pub(crate) fn take_little() {
    if std::env::var_os(HUGE_PAGES).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    let error = match std::env::current_exe() {
        Ok(program) => Command::new(program).arg0(name).args(arguments).env(HUGE_PAGES, "0").exec(),
        Err(error) => error,
    };
    tracing::warn!(%error, "the allocator could not be set to take less memory; set {HUGE_PAGES}=0 in the environment");
}
