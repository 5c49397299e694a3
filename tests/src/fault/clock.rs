//! A clock that goes back: versions, times and ids rise all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kindstore::{Store, Timestamp, WriteOptions, WriteOutcome};
use serde_json::json;

use crate::chance::Chance;

const NAMESPACE: Option<&str> = Some("default");

#[test]
fn versions_times_and_ids_rise_when_the_clock_goes_back() {
    let mut chance = Chance::new();
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
    let (mut ids, mut version, mut modified) = (Vec::new(), 0, None);
    for round in 0..4 {
        // Opened again, too: what earlier runs gave out is not known from memory then.
        let time = Arc::clone(&now);
        let clock = Arc::new(move || Timestamp::from_micros(time.load(Ordering::Relaxed)));
        let store = Store::builder().clock(clock).open_folder(folder.path()).unwrap();
        for number in 0..25 {
            // Mostly back, by up to three days, and forth by less.
            let change = chance.below(300_000_000_000) as i64 - 250_000_000_000;
            now.fetch_add(change, Ordering::Relaxed);
            let written = upsert(&store, number);
            let metadata = &written.object.metadata;
            version += 1;
            assert_eq!(metadata.resource_version, version);
            assert!(metadata.modified_at >= modified && metadata.modified_at >= Some(metadata.created_at));
            modified = metadata.modified_at;
            let name = json!({"metadata": {"name": format!("t{round}-{number}")}, "spec": {"kubernetes": {}}});
            let created = store.create("DeploymentTarget", NAMESPACE, name, WriteOptions::default()).wait().unwrap();
            ids.push(created.object.metadata.id);
        }
    }
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}

fn upsert(store: &Store, number: i32) -> WriteOutcome {
    let labels = json!({"number": number.to_string()});
    let document = json!({"metadata": {"labels": labels}, "spec": {"kubernetes": {}}});
    store.upsert("DeploymentTarget", NAMESPACE, "same", document, WriteOptions::default()).wait().unwrap()
}
