//! Reads of deleted resources by name, among many deleted ones: the newest of a name, and one at an earlier revision.

use std::sync::Arc;

use kindstore::backend::{SledBackend, SledOptions};
use kindstore::{GetOptions, HistoryOptions, Store};

use crate::document::{self, Texts};
use crate::fill::{self, collection};
use crate::load::{self, Load};
use crate::metrics::{Metrics, Sizes};

/// How many deleted resources there are for each one of the other scenarios: 20,000 of 100,000.
const SHARE: f64 = 0.2;

const READS: usize = 500;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let backend = SledBackend::open(folder.path(), SledOptions::default()).expect("the store opens");
    let store = fill::furnished(Store::builder().backend(Arc::new(backend)).open().expect("the store opens"));
    let count = (sizes.resources as f64 * SHARE) as usize;
    fill::store(&store, &Texts::new(), 0..count);
    let revision = store.revision();
    metrics.load("tombstones.delete", &delete(&store, count));
    let name = |number: usize| document::name(number.wrapping_mul(7919) % count);
    let history = load::run(1, 0..READS, |_, number| {
        let history = collection(&store).history_with(&name(number), HistoryOptions::default().limit(1));
        assert!(history.expect("it is remembered").is_deleted);
    });
    metrics.load("tombstones.history", &history);
    let past = load::run(1, 0..READS, |_, number| {
        let found = collection(&store).get_with(&name(number), GetOptions::default().revision(revision));
        found.expect("it was there");
    });
    metrics.load("tombstones.past", &past);
    metrics
}

fn delete(store: &Store, count: usize) -> Load {
    // As the system, which may delete what runs.
    let store = store.as_system();
    load::run(64, 0..count, |_, number| {
        collection(&store).delete(&document::name(number)).wait().expect("it is deleted");
    })
}
