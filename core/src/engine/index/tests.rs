//! What is found by the index is what is found without it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::engine::{ListOptions, Operation, Store};
use crate::rules::selector::Selector;

const NAMESPACE: &str = "default";
const KIND: &str = "DeploymentTarget";

fn names(store: &Store, labels: &str, options: ListOptions) -> Vec<String> {
    let options = ListOptions { labels: Selector::labels(labels).unwrap(), ..options };
    let items = store.kind(KIND).unwrap().namespace(NAMESPACE).list_with(options).unwrap().items;
    items.into_iter().map(|object| object.metadata.name.unwrap()).collect()
}

fn is_ready(store: &Store) {
    let begun = std::time::Instant::now();
    while store.index().is_due() {
        assert!(begun.elapsed().as_secs() < 30, "the index is built");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn lists_by_the_index_are_those_that_a_look_at_all_finds() {
    let store = Store::in_memory().unwrap();
    let mut random = 3_u64;
    let mut past = Vec::new();
    for step in 0..900 {
        if step == 300 {
            is_ready(&store);
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let name = format!("n{}", (random >> 33) % 120);
        let labels = json!({"a": format!("v{}", (random >> 13) % 7), "b": format!("v{}", (random >> 19) % 3)});
        let document = json!({"metadata": {"name": name, "labels": labels}, "spec": {"kubernetes": {}}});
        let _ = match (random >> 45) % 5 {
            0 => store.kind(KIND).unwrap().namespace(NAMESPACE).delete(&name).wait(),
            1 => store.kind(KIND).unwrap().namespace(NAMESPACE).undelete(&name).wait(),
            _ => store.kind(KIND).unwrap().namespace(NAMESPACE).upsert(&name, document).wait(),
        };
        if step % 50 == 0 {
            past.push(store.revision());
        }
    }
    let revisions = past.into_iter().map(Some).chain([None]);
    for revision in revisions {
        let at = ListOptions { revision, ..ListOptions::default() };
        for selector in ["a=v1", "a in (v1,v2),b=v0", "a=v3,!c", "a=none", "b!=v1,a=v5", "a notin (v1)"] {
            // Looking at all is what a list does without a selector.
            let all = store.kind(KIND).unwrap().namespace(NAMESPACE).list_with(at.clone()).unwrap().items;
            let wanted = Selector::labels(selector).unwrap();
            let expected: Vec<_> = all
                .into_iter()
                .filter(|object| {
                    wanted.matches(|name| object.metadata.labels.as_ref().and_then(|labels| labels.get(name)))
                })
                .map(|object| object.metadata.name.unwrap())
                .collect();
            assert_eq!(names(&store, selector, at.clone()), expected, "{selector} at {revision:?}");
            let mut paged = Vec::new();
            let mut options = ListOptions { limit: Some(3), labels: wanted, ..at.clone() };
            loop {
                let list = store.kind(KIND).unwrap().namespace(NAMESPACE).list_with(options.clone()).unwrap();
                paged.extend(list.items.into_iter().map(|object| object.metadata.name.unwrap()));
                options.after = list.next;
                if list.next.is_none() {
                    break;
                }
            }
            assert_eq!(paged, expected, "{selector} at {revision:?} in pages");
        }
    }
}

#[test]
fn an_index_that_has_too_much_is_built_anew() {
    let store = Store::in_memory().unwrap();
    is_ready(&store);
    let document = json!({"metadata": {"name": "a", "labels": {"a": "x"}}, "spec": {"kubernetes": {}}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
    store.index().write().postings.set_entries(super::SURPLUS + 1);
    is_ready(&store);
    assert_eq!(store.index().read().postings.entries(), 1);
    assert_eq!(names(&store, "a=x", ListOptions::default()), ["a"]);
}

#[test]
fn an_index_of_which_half_is_out_of_date_is_built_anew() {
    let store = Store::in_memory().unwrap();
    is_ready(&store);
    let targets = || store.kind(KIND).unwrap().namespace(NAMESPACE);
    let labels = |step: usize| -> serde_json::Map<_, _> {
        (0..200).map(|number| (format!("l{number}"), json!(format!("{step}-{number}")))).collect()
    };
    let stale = || store.index().stale.load(Ordering::Relaxed);
    for number in 0..10 {
        let document = |step| json!({"metadata": {"name": format!("t{number}"), "labels": labels(step)}, "spec": {"kubernetes": {}}});
        targets().create(document(0)).wait().unwrap();
        targets().upsert(&format!("t{number}"), document(1)).wait().unwrap();
    }
    assert_eq!((stale(), store.index().read().postings.entries()), (2_000, 4_000));
    let one = store.transaction(NAMESPACE).operations([Operation::delete(KIND, "t9")]);
    one.wait().unwrap();
    (0..9).for_each(|number| drop(targets().delete(&format!("t{number}")).wait().unwrap()));
    assert_eq!((stale(), store.index().is_due()), (4_000, false), "there are too few to read all records for");
    store.index().stale.fetch_add(super::MIN_STALE, Ordering::Relaxed);
    is_ready(&store);
    assert_eq!((store.index().stale.load(Ordering::Relaxed), store.index().read().postings.entries()), (0, 0));
}

#[test]
fn what_a_transaction_stores_is_known_and_nothing_of_one_that_is_refused() {
    let store = Store::in_memory().unwrap();
    is_ready(&store);
    let target = |name: &str| Operation::create(KIND, json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}}));
    let labelled = |name: &str| {
        Operation::upsert(KIND, name, json!({"metadata": {"labels": {"a": "x"}}, "spec": {"kubernetes": {}}}))
    };
    let commit = |operations, dry_run| store.transaction("default").operations(operations).dry_run(dry_run).wait();
    commit(vec![target("a"), target("b")], false).unwrap();
    commit(vec![labelled("a")], true).unwrap();
    commit(vec![labelled("a"), Operation::delete(KIND, "nothing")], false).unwrap_err();
    assert_eq!(store.index().read().postings.entries(), 0);
    commit(vec![labelled("a"), labelled("b")], false).unwrap();
    assert_eq!(store.index().read().postings.entries(), 2);
    assert_eq!(names(&store, "a=x", ListOptions::default()), ["a", "b"]);
}

/// While the index is built again and again, transactions create resources: what is stored is found at once.
#[test]
fn what_a_transaction_stores_is_known_while_the_index_is_built() {
    let store = Store::in_memory().unwrap();
    is_ready(&store);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                store.index().build(store.backend(), || false).unwrap();
            }
        });
        let writers = (0..2).map(|writer| {
            let store = &store;
            scope.spawn(move || {
                for step in 0..60 {
                    let label = format!("v{writer}-{step}");
                    let create = |number: usize| {
                        let metadata = json!({"name": format!("t{label}-{number}"), "labels": {"a": label}});
                        Operation::create(KIND, json!({"metadata": metadata, "spec": {"kubernetes": {}}}))
                    };
                    let operations = (0..5).map(create);
                    store.transaction("default").operations(operations).wait().unwrap();
                    assert_eq!(names(store, &format!("a={label}"), ListOptions::default()).len(), 5, "{label}");
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let done: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        done.into_iter().for_each(|done| done.unwrap());
    });
}
