//! What the disk itself can do: appends with fdatasync, one after the other.

use std::fs::File;
use std::io::Write;

use crate::load;
use crate::metrics::{Metrics, Sizes};

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    for (name, length) in [("probe.4k", 4 << 10), ("probe.128k", 128 << 10)] {
        let folder = tempfile::tempdir().expect("there is space on the disk");
        let file = File::create(folder.path().join("probe")).expect("a file can be made");
        let bytes = vec![7; length];
        let load = load::run(1, 0..sizes.lone / 5, |_, _| {
            (&file).write_all(&bytes).expect("there is space on the disk");
            file.sync_data().expect("the file syncs");
        });
        metrics.load(name, &load);
    }
    metrics
}
