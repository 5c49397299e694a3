//! What the system knows of a process: its processor time and its memory.

use std::time::Duration;

/// How many clock ticks `/proc` counts in a second on Linux.
const TICKS: u64 = 100;

/// The processor time of a process so far, all threads together, in steps of 10 ms.
pub(crate) fn cpu(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold spaces; utime and stime are the 14th and 15th of all fields.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|field| fields.get(*field)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// A line of the status of a process that counts kilobytes, in MiB: `VmRSS`, `VmHWM`.
fn status(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// The memory of a process that is resident now, in MiB.
pub(crate) fn memory(process: u32) -> f64 {
    status(process, "VmRSS")
}

/// The most memory of a process that was resident since its peak was forgotten, in MiB.
pub(crate) fn peak_memory(process: u32) -> f64 {
    status(process, "VmHWM")
}

/// Forgets the peak.
pub(crate) fn forget_peak(process: u32) {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5").expect("the process is ours");
}

/// How much all files below a folder take on the disk, in bytes.
pub(crate) fn disk(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size = |entry: std::fs::DirEntry| {
        let Ok(metadata) = entry.metadata() else { return 0 };
        use std::os::unix::fs::MetadataExt;
        if metadata.is_dir() { disk(&entry.path()) } else { metadata.blocks() * 512 }
    };
    entries.flatten().map(size).sum()
}
