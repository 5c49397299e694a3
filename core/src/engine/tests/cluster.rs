//! Several stores over one judge: what one of them was told, the others take into account, however far their reads lag behind.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::backend::cluster::{Judge, Member};
use crate::engine::{Cursor, GetOptions, ListOptions, Store, WatchFrom, WatchOptions};
use crate::error::Error;
use crate::rules::selector::Selector;

const NAMESPACE: &str = "default";

/// Stores over one judge, which ends with them.
struct Stores {
    judge: Arc<Judge>,
    stores: Vec<Store>,
}

impl Drop for Stores {
    fn drop(&mut self) {
        self.judge.end();
    }
}

/// Opens one store for each lag, all at once.
fn open(lags: &[u64], has_worker: bool) -> Stores {
    let judge = Arc::<Judge>::default();
    let stores = std::thread::scope(|scope| {
        let open = |lag: &u64| {
            let (judge, lag) = (&judge, Duration::from_millis(*lag));
            scope.spawn(move || {
                let member = Member::of(judge, Duration::from_micros(200), lag);
                Store::builder().backend(Arc::new(member)).background(has_worker).open()
            })
        };
        let opening: Vec<_> = lags.iter().map(open).collect();
        opening.into_iter().map(|opening| opening.join().unwrap().unwrap()).collect()
    });
    Stores { judge, stores }
}

fn target(label: &str) -> serde_json::Value {
    json!({"metadata": {"labels": {"at": label}}, "spec": {"kubernetes": {}}})
}

fn deployment() -> serde_json::Value {
    let template = json!({"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a.jar"}}});
    json!({"spec": {"deploymentTargetName": "jobs", "template": template}})
}

#[test]
fn stores_that_open_together_all_open() {
    for _ in 0..10 {
        let cluster = open(&[0, 1, 5, 20], false);
        for store in &cluster.stores {
            store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).list().read().unwrap();
        }
    }
}

#[test]
fn a_selector_finds_what_another_store_wrote() {
    let cluster = open(&[0, 20], true);
    let [near, far] = &cluster.stores[..] else { unreachable!("there are two") };
    for store in &cluster.stores {
        while !store.is_indexed() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    for round in 0..20 {
        let revision = near.kind("DeploymentTarget").unwrap().namespace(NAMESPACE);
        let revision = revision.upsert("jobs", target(&format!("v{round}"))).wait().unwrap().revision;
        let labels = Selector::labels(&format!("at=v{round}")).unwrap();
        let options = ListOptions { labels, revision, ..ListOptions::default() };
        let found = far.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).list_with(options).unwrap();
        assert_eq!(found.items.len(), 1, "round {round}");
    }
}

#[test]
fn a_write_knows_what_another_store_was_told() {
    let cluster = open(&[0, 30], false);
    let [near, far] = &cluster.stores[..] else { unreachable!("there are two") };
    let collection = |store: &Store, kind: &str| store.kind(kind).unwrap().namespace(NAMESPACE);
    for round in 0..5 {
        let name = format!("d{round}");
        collection(near, "DeploymentTarget").upsert("jobs", target("x")).wait().unwrap();
        // It refers to what the other one has just created, and then is itself what that one must know.
        collection(far, "Deployment").upsert(&name, deployment()).wait().unwrap();
        let patch = json!({"metadata": {"labels": {"round": round.to_string()}}});
        collection(near, "Deployment").patch(&name, patch).wait().unwrap();
        collection(far, "Deployment").patch(&name, json!({"metadata": {"labels": {"far": "yes"}}})).wait().unwrap();
        // Not there any more for the one that has not seen it go.
        collection(near, "Deployment").delete(&name).wait().unwrap();
        let error = collection(far, "Deployment").delete(&name).wait().unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        collection(near, "DeploymentTarget").delete("jobs").wait().unwrap();
    }
}

#[test]
fn new_resources_get_the_defaults_that_another_store_was_told() {
    let cluster = open(&[0, 30], false);
    let [near, far] = &cluster.stores[..] else { unreachable!("there are two") };
    near.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).upsert("jobs", target("x")).wait().unwrap();
    for parallelism in 1..6 {
        let defaults = json!({"spec": {"template": {"spec": {"parallelism": parallelism}}}});
        near.kind("DeploymentDefaults").unwrap().namespace(NAMESPACE).patch("", defaults).wait().unwrap();
        let deployments = far.kind("Deployment").unwrap().namespace(NAMESPACE);
        let created = deployments.upsert(&format!("d{parallelism}"), deployment()).wait().unwrap().object.to_value();
        assert_eq!(created.at("/spec/template/spec/parallelism"), Some(&json!(parallelism).into()), "{created:?}");
    }
}

#[test]
fn a_cursor_and_a_revision_of_one_store_are_good_at_another() {
    let cluster = open(&[0, 30], false);
    let [near, far] = &cluster.stores[..] else { unreachable!("there are two") };
    near.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
    let targets = |store: &Store| store.kind("DeploymentTarget").unwrap().namespace("shop");
    let first = targets(near).upsert("one", target("x")).wait().unwrap().revision.unwrap();
    let cursor = Cursor::after(first);
    let options = WatchOptions { from: WatchFrom::After(cursor), ..WatchOptions::default() };
    let mut watch = targets(far).watch_with(options).unwrap();
    let at = GetOptions::default().revision(first);
    assert_eq!(targets(far).get_with("one", at).unwrap().metadata.resource_version, 1);
    targets(near).upsert("two", target("y")).wait().unwrap();
    let event = watch.next_within(Duration::from_secs(20)).unwrap().unwrap();
    assert!(format!("{event:?}").contains("two"), "{event:?}");
    // What nobody was ever told is refused.
    let bogus = ListOptions { revision: Some(first + 1_000), ..ListOptions::default() };
    let error = targets(far).list_with(bogus).unwrap_err();
    assert!(matches!(error, Error::BadRequest { .. }), "{error}");
}

#[test]
fn a_deletion_that_was_overtaken_elsewhere_does_its_work_once() {
    let cluster = open(&[0, 30], false);
    let [near, far] = &cluster.stores[..] else { unreachable!("there are two") };
    let collection = |store: &Store, kind: &str| store.kind(kind).unwrap().namespace(NAMESPACE);
    collection(near, "DeploymentTarget").upsert("jobs", target("x")).wait().unwrap();
    for _ in 0..5 {
        let created = collection(near, "Deployment").upsert("clicks", deployment()).wait().unwrap().object;
        let id = created.metadata.id.to_string();
        let job = json!({"metadata": {"deploymentId": id}, "spec": {"deploymentId": id}});
        near.as_system().kind("Job").unwrap().namespace(NAMESPACE).create(job).wait().unwrap();
        // While the one deletes what it sees, the other replaces it.
        let deleting = collection(far, "Deployment").delete("clicks").submit();
        collection(near, "Deployment").patch("clicks", json!({"metadata": {"labels": {"new": "yes"}}})).wait().ok();
        deleting.wait().unwrap();
        let revision = Some(near.revision().max(far.revision()));
        for store in &cluster.stores {
            for kind in ["Deployment", "Job"] {
                let at = ListOptions { revision, ..ListOptions::default() };
                assert_eq!(collection(store, kind).list_with(at).unwrap().items, [], "{kind}");
            }
        }
    }
}

#[test]
fn a_namespace_that_two_stores_delete_at_once_is_gone_and_both_know() {
    let cluster = open(&[0, 10], false);
    let [near, far] = &cluster.stores[..] else { unreachable!("there are two") };
    for round in 0..10 {
        near.kind("Namespace").unwrap().create(json!({"name": "shop"})).wait().unwrap();
        let targets = near.kind("DeploymentTarget").unwrap().namespace("shop");
        (0..3).for_each(|number| drop(targets.upsert(&format!("t{number}"), target("x")).wait().unwrap()));
        let deletions = [near, far, near].map(|store| store.kind("Namespace").unwrap().delete("shop").submit());
        // Others go on meanwhile, so that there is always more than was seen.
        let elsewhere = near.kind("DeploymentTarget").unwrap().namespace(NAMESPACE);
        let others: Vec<_> =
            (0..60).map(|number| elsewhere.upsert("other", target(&number.to_string())).submit()).collect();
        let outcomes = deletions.map(|deletion| deletion.wait());
        drop(others);
        assert!(outcomes.iter().any(Result::is_ok), "round {round}: {outcomes:?}");
        for outcome in outcomes {
            assert!(matches!(outcome, Ok(_) | Err(Error::NotFound { .. })), "round {round}: {outcome:?}");
        }
    }
}
