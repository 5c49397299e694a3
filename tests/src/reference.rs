//! References between resources: what is referred to stays, what belongs to something goes with it, and no race ends in
//! between.

use std::sync::Barrier;

use kindstore::backend::SledBackend;
use kindstore::{Error, Json, Store};
use serde_json::json;

use crate::soak::rounds;

fn target() -> Json {
    json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}}).into()
}

fn deployment(name: &str) -> Json {
    json!({
        "metadata": {"name": name},
        "spec": {
            "deploymentTargetName": "jobs",
            "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://apps/clicks.jar"}}},
        },
    })
    .into()
}

fn create(store: &Store, kind: &str, document: Json) -> kindstore::Result<kindstore::WriteOutcome> {
    store.kind(kind).unwrap().namespace("default").create(document).wait()
}

fn delete(store: &Store, kind: &str, key: &str) -> kindstore::Result<kindstore::WriteOutcome> {
    store.kind(kind).unwrap().namespace("default").delete(key).wait()
}

/// One round of a race between the deletion of a target and a Deployment that begins to refer to it.
fn race(store: &Store, number: usize) -> (bool, bool) {
    create(store, "DeploymentTarget", target()).expect("a target");
    let barrier = Barrier::new(2);
    let (created, deleted) = std::thread::scope(|scope| {
        let creating = scope.spawn(|| {
            barrier.wait();
            (0..number % 7).for_each(|_| std::thread::yield_now());
            create(store, "Deployment", deployment("clicks"))
        });
        barrier.wait();
        (0..number % 5).for_each(|_| std::thread::yield_now());
        let deleted = delete(store, "DeploymentTarget", "jobs");
        (creating.join().expect("no panic"), deleted)
    });
    match (&created, &deleted) {
        (Ok(_), Err(Error::Blocked { referenced_by, .. })) => assert_eq!(referenced_by, &["Deployment clicks"]),
        (Err(Error::Invalid { problems, .. }), Ok(_)) => {
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].code.as_str(), "refersToNothing");
        }
        _ => panic!("round {number}: {created:?} and {deleted:?}"),
    }
    if created.is_ok() {
        delete(store, "Deployment", "clicks").expect("deleted");
        delete(store, "DeploymentTarget", "jobs").expect("nothing refers to it any more");
    }
    (created.is_ok(), deleted.is_ok())
}

fn races(store: &Store, count: usize) {
    let outcomes: Vec<_> = (0..count).map(|number| race(store, number)).collect();
    assert!(outcomes.iter().all(|(created, deleted)| created != deleted));
    let created = outcomes.iter().filter(|(created, _)| *created).count();
    assert!(created > 0 && created < count, "each wins sometimes, or there was no race: {created} of {count}");
}

#[test]
fn a_target_is_not_deleted_while_a_deployment_begins_to_refer_to_it() {
    races(&Store::in_memory().expect("a store"), rounds(1_000, 20_000));
}

#[test]
fn the_same_holds_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    races(&Store::open(folder.path().join("store")).expect("a store"), rounds(1_000, 5_000));
}

fn dependents(store: &Store, owner: &str, count: usize) {
    for number in 0..count {
        let event = json!({
            "metadata": {"name": "GENERAL_FAILURE", "deploymentId": owner},
            "spec": {"message": format!("event {number}")},
        });
        let write = store.as_system().kind("Event").unwrap().namespace("default").create(Json::from(event)).submit();
        write.wait().expect("an event");
    }
}

#[test]
fn what_belongs_to_a_resource_goes_with_it_however_much_it_is() {
    let store = Store::in_memory().expect("a store");
    create(&store, "DeploymentTarget", target()).expect("a target");
    let owner = create(&store, "Deployment", deployment("clicks")).expect("a Deployment").object;
    let other = create(&store, "Deployment", deployment("other")).expect("a Deployment").object;
    dependents(&store, &owner.metadata.id.to_string(), 300);
    dependents(&store, &other.metadata.id.to_string(), 3);
    let written = delete(&store, "Deployment", "clicks").expect("deleted");
    assert_eq!(written.object, owner);
    assert!(written.revision.is_some());
    let left = store.kind("Event").unwrap().namespace("default").list().read().expect("a list");
    assert_eq!(left.items.len(), 3, "only those of the other Deployment are left");
}

/// A store that was killed while it deleted what belongs to a resource goes on when it is opened again.
#[test]
fn a_cascade_that_was_interrupted_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    {
        let store = Store::open(&path).expect("a store");
        create(&store, "DeploymentTarget", target()).expect("a target");
        let owner = create(&store, "Deployment", deployment("clicks")).expect("a Deployment").object;
        dependents(&store, &owner.metadata.id.to_string(), 100);
        // The first commit is submitted, and nobody drives the write any further.
        drop(store.kind("Deployment").unwrap().namespace("default").delete("clicks").submit());
        let gone = store.kind("DeploymentTarget").unwrap().namespace("default").create(target_named("after")).submit();
        gone.wait().expect("what was submitted before is durable");
        assert!(store.kind("Deployment").unwrap().namespace("default").get("clicks").is_err());
        assert_eq!(store.kind("Event").unwrap().namespace("default").list().read().expect("a list").items.len(), 100);
    }
    let store = Store::open(&path).expect("the store again");
    assert_eq!(store.kind("Event").unwrap().namespace("default").list().read().expect("a list").items.len(), 0);
    drop(store);
    let backend = SledBackend::open(&path, Default::default()).expect("the store's folder");
    let report = Store::builder().backend(std::sync::Arc::new(backend)).check().expect("a report");
    assert!(report.is_sound(), "{report:?}");
}

fn target_named(name: &str) -> Json {
    json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}}).into()
}
