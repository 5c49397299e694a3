//! Calls that a program gets wrong: each has an error, and nothing is done in its place.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

use serde_json::{Value, json};

use super::target;
use crate::engine::store::Operation;
use crate::engine::watch::Cursor;
use crate::engine::{Collection, Store};
use crate::manifest::{Format, Limits};

fn targets(store: &Store) -> Collection {
    store.kind("DeploymentTarget").unwrap().namespace("default")
}

/// Polls once; in memory that is all a write needs.
fn poll<F: Future + Unpin>(future: &mut F) -> bool {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn what_is_chosen_after_the_first_poll_is_refused() {
    let store = Store::in_memory().unwrap();
    let mut write = targets(&store).create(target("one"));
    assert!(poll(&mut write));
    assert_eq!(write.dry_run().wait().unwrap_err().reason(), "BadRequest");
    let mut transaction = store.transaction("default").create(&targets(&store), target("two"));
    assert!(poll(&mut transaction));
    assert_eq!(transaction.create(&targets(&store), target("three")).wait().unwrap_err().reason(), "BadRequest");
    assert!(targets(&store).find("three").unwrap().is_none());
}

#[test]
fn an_outcome_that_was_returned_is_not_unknown() {
    let store = Store::in_memory().unwrap();
    let mut write = targets(&store).create(target("one"));
    assert!(poll(&mut write));
    let again = write.wait().unwrap_err();
    assert_eq!((again.reason(), again.is_outcome_unknown()), ("BadRequest", false));
}

#[test]
fn a_transaction_takes_collections_of_its_own_store_and_namespace() {
    let (store, other) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
    let foreign = store.transaction("default").create(&targets(&other), target("one")).wait().unwrap_err();
    assert!(foreign.to_string().contains("another store"), "{foreign}");
    let global = store.kind("Namespace").unwrap();
    global.create(json!({"name": "team"})).wait().unwrap();
    let refused = store.transaction("default").delete(&global, "team").wait().unwrap_err();
    assert!(refused.to_string().contains("no namespace"), "{refused}");
    assert!(global.find("team").unwrap().is_some());
    let named = Operation::create("Namespace", json!({"name": "more"}));
    assert_eq!(store.transaction("default").operations([named]).wait().unwrap_err().reason(), "BadRequest");
}

#[test]
fn a_document_of_a_program_is_bounded_in_depth_as_text_is() {
    let store = Store::in_memory().unwrap();
    let deep = |depth: usize| (0..depth).fold(json!(1), |inner: Value, _| json!({"a": inner}));
    for depth in [130, 1_000] {
        let document = json!({"metadata": {"name": "one"}, "spec": {"kubernetes": deep(depth)}});
        let refused = targets(&store).create(document).wait().unwrap_err();
        assert!(refused.to_string().contains("more than 128 deep"), "{refused}");
    }
    // A text bounds what is read from it, and not the value that a program puts in its place.
    let mut read = crate::manifest::read(b"metadata: {name: one}", Format::Yaml, &Limits::default()).unwrap();
    read.value = json!({"metadata": {"name": "one"}, "spec": {"kubernetes": deep(1_000)}}).into();
    assert!(targets(&store).create(read).wait().unwrap_err().to_string().contains("more than 128 deep"));
    let document = json!({"metadata": {"name": "one"}, "spec": {"kubernetes": {"a": deep(100)}}});
    let created = targets(&store).create(document).wait();
    assert!(!created.is_err_and(|error| error.to_string().contains("deep")));
}

#[test]
fn a_watch_does_not_begin_within_a_commit_that_is_not_there_yet() {
    let store = Store::in_memory().unwrap();
    targets(&store).create(target("one")).wait().unwrap();
    let next = Cursor { revision: store.revision() + 1, index: 0 };
    assert_eq!(targets(&store).watch().after(next).start().unwrap_err().reason(), "BadRequest");
}

#[test]
fn a_type_that_does_not_fit_is_told_with_its_member() {
    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Numbered {
        spec: Spec,
    }
    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Spec {
        kubernetes: u32,
    }
    let store = Store::in_memory().unwrap();
    targets(&store).create(target("one")).wait().unwrap();
    let error = targets(&store).typed::<Numbered>().get("one").unwrap_err().to_string();
    assert!(error.contains("\"one\"") && error.contains("spec.kubernetes: invalid type: map, expected u32"), "{error}");
    assert!(!error.contains("column"), "{error}");
}
