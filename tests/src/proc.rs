//! What the kernel says of a process: memory, processor time, descriptors, threads.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// A process of this machine.
pub(crate) struct Proc {
    folder: PathBuf,
}

impl Proc {
    pub(crate) fn of(pid: u32) -> Self {
        Self { folder: format!("/proc/{pid}").into() }
    }

    /// Resident memory in KiB.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most resident memory in KiB since the peak was forgotten.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    pub(crate) fn forget_peak(&self) {
        fs::write(self.folder.join("clear_refs"), "5").unwrap();
    }

    /// Processor time of all its threads, in steps of 10 ms.
    pub(crate) fn cpu_time(&self) -> Duration {
        let stat = fs::read_to_string(self.folder.join("stat")).unwrap();
        // The name of the program may hold spaces; user and system time are the 12th and 13th field behind it.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// How many descriptors are open.
    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(self.folder.join("fd")).unwrap().count()
    }

    pub(crate) fn threads(&self) -> usize {
        fs::read_dir(self.folder.join("task")).unwrap().count()
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(self.folder.join("status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}
