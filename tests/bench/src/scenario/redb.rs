//! redb with the same bytes: a durable transaction for each of one writer, and one for each group of many.

use redb::{Database, ReadableDatabase, TableDefinition};

use crate::document::Texts;
use crate::load;
use crate::metrics::{Metrics, Sizes};
use crate::raw_sled::keys;

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");

/// The most that one transaction holds, as in the other stores.
const GROUP: usize = 64;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let folder = tempfile::tempdir().expect("there is space on the disk");
    let database = Database::create(folder.path().join("redb")).expect("redb opens");
    let texts = Texts::new();
    let next = std::sync::Mutex::new((keys(), Vec::new()));
    let put = |number: usize, count: usize| {
        let mut next = next.lock().expect("no panic");
        let transaction = database.begin_write().expect("redb begins");
        {
            let mut table = transaction.open_table(TABLE).expect("the table opens");
            for place in 0..count {
                let key = (next.0)();
                table.insert(&key[..], texts.text(number * count + place).as_bytes()).expect("redb inserts");
                next.1.push(key);
            }
        }
        transaction.commit().expect("redb commits");
    };
    metrics.load("redb.lone", &load::run(1, 0..sizes.lone / 5, |_, number| put(number, 1)));
    let groups = load::run(1, 0..sizes.resources / GROUP / 2, |_, number| put(number, GROUP));
    metrics.set("redb.group.rate", groups.rate() * GROUP as f64);
    metrics.set("redb.group.cpu", groups.cpu_per_operation() / GROUP as f64);
    let known = std::mem::take(&mut next.lock().expect("no panic").1);
    let transaction = database.begin_read().expect("redb begins");
    let table = transaction.open_table(TABLE).expect("the table is there");
    let get = load::run(1, 0..sizes.resources, |_, number| {
        let value = table.get(&known[number.wrapping_mul(7919) % known.len()][..]).expect("redb reads");
        std::hint::black_box(value.expect("it is there").value().to_vec());
    });
    metrics.load("redb.get", &get);
    metrics
}
