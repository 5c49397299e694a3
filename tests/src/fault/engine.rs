//! The engine on a backend that goes wrong once, at each call that a script makes: what was refused changed nothing, what
//! is unknown says so, and when the cause is gone everything goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use kindstore::backend::Versioned;
use kindstore::backend::{Backend, Key, MemoryBackend, Scan, SledBackend};
use kindstore::store::Operation;
use kindstore::{Cursor, Error, Expected, ListOptions, Store, WatchFrom, WatchOptions};
use kindstore::{Result, WriteOptions};
use serde_json::{Value, json};

use super::{Call, Fault, Faulty};

use crate::target::furnished;

const NAMESPACE: &str = "default";

/// One step of the script.
struct Step {
    what: &'static str,
    /// Whether several writes make it, so that a refusal may come after the first.
    is_long: bool,
    run: fn(&Store) -> Result<()>,
    /// The reasons by which the same step may be refused when it was done already.
    again: &'static [&'static str],
}

fn deployment(label: &str) -> Value {
    let labels = json!({"label": label});
    json!({"metadata": {"name": "a", "labels": labels}, "spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}})
}

fn named(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}})
}

fn expect(version: u64) -> WriteOptions {
    WriteOptions::default().expected(Expected::version(version))
}

const SCRIPT: [Step; 13] = [
    Step {
        what: "create",
        is_long: false,
        run: |store| store.kind("Deployment").unwrap().namespace(NAMESPACE).create(deployment("x")).wait().map(drop),
        again: &["AlreadyExists"],
    },
    Step {
        what: "patch",
        is_long: false,
        run: |store| {
            let patch = json!({"metadata": {"labels": {"label": "y"}}});
            store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("a", patch).options(expect(1)).wait().map(drop)
        },
        again: &["PreconditionFailed"],
    },
    Step {
        what: "patch that changes nothing",
        is_long: false,
        run: |store| store.kind("Deployment").unwrap().namespace(NAMESPACE).patch("a", json!({})).wait().map(drop),
        again: &[],
    },
    Step {
        what: "upsert",
        is_long: false,
        run: |store| {
            store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).upsert("t", named("t")).wait()?;
            Ok(())
        },
        again: &[],
    },
    Step {
        what: "transaction",
        is_long: false,
        run: |store| {
            let patch = json!({"metadata": {"labels": {"label": "z"}}});
            let operations = vec![
                Operation::patch("Deployment", "a", patch).options(expect(2)),
                Operation::create("DeploymentTarget", named("v")),
            ];
            store.transaction("default").operations(operations).wait().map(drop)
        },
        again: &["PreconditionFailed"],
    },
    Step {
        what: "read",
        is_long: false,
        run: |store| {
            let listed = store.kind("Deployment").unwrap().namespace(NAMESPACE).list().read()?.items;
            assert_eq!(listed, [store.kind("Deployment").unwrap().namespace(NAMESPACE).get("a")?]);
            Ok(())
        },
        again: &[],
    },
    Step {
        what: "create a namespace",
        is_long: false,
        run: |store| store.kind("Namespace").unwrap().create(json!({"name": "team"})).wait().map(drop),
        again: &["AlreadyExists"],
    },
    Step {
        what: "create in it",
        is_long: false,
        run: |store| store.kind("DeploymentTarget").unwrap().namespace("team").create(named("u")).wait().map(drop),
        again: &["AlreadyExists"],
    },
    Step {
        what: "delete the namespace",
        is_long: false,
        run: |store| store.kind("Namespace").unwrap().delete("team").wait().map(drop),
        again: &["NotFound"],
    },
    Step {
        what: "rollback",
        is_long: false,
        run: |store| store.kind("Deployment").unwrap().namespace(NAMESPACE).rollback("a", 1).wait().map(drop),
        again: &[],
    },
    Step {
        what: "what was",
        is_long: false,
        run: |store| {
            let history = store.kind("Deployment").unwrap().namespace(NAMESPACE).history("a").read()?;
            let then = ListOptions::default().revision(history.versions[1].revision);
            assert_eq!(
                store.kind("Deployment").unwrap().namespace(NAMESPACE).list_with(then)?.items,
                [history.versions[1].object.clone()]
            );
            let after = WatchFrom::After(Cursor::after(history.versions[0].revision - 1));
            let mut watch = store
                .kind("Deployment")
                .unwrap()
                .namespace(NAMESPACE)
                .watch_with(WatchOptions::default().from(after))?;
            assert_eq!(watch.try_next()?.unwrap().cursor().revision, history.versions[0].revision);
            Ok(())
        },
        again: &[],
    },
    Step {
        what: "delete",
        is_long: false,
        run: |store| store.kind("Deployment").unwrap().namespace(NAMESPACE).delete("a").wait().map(drop),
        again: &["NotFound"],
    },
    Step {
        what: "undelete, delete again and compact",
        is_long: true,
        run: |store| {
            match store.kind("Deployment").unwrap().namespace(NAMESPACE).undelete("a").wait() {
                Ok(_) | Err(Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(error),
            }
            store.kind("Deployment").unwrap().namespace(NAMESPACE).delete("a").wait()?;
            store.compact(0).map(drop)
        },
        again: &["NotFound"],
    },
];

#[test]
fn a_fault_at_any_call_changes_nothing_unsaid_and_is_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let on_sled =
        || Arc::new(SledBackend::open(tempfile::tempdir_in(&folder).unwrap().keep(), Default::default()).unwrap());
    let places = play_all(&|| Arc::new(MemoryBackend::new()), 1);
    // A fault at every call on memory, at some on sled.
    assert!(places > 50, "only {places} calls were made to fail");
    play_all(&|| on_sled() as Arc<dyn Backend>, 8);
}

/// Plays the script with each fault at each call, or at one of so many. Says how many calls failed.
fn play_all(fresh: &dyn Fn() -> Arc<dyn Backend>, stride: usize) -> usize {
    let faults: [(Call, fn() -> Fault); 8] = [
        (Call::Get, || Fault::Break),
        (Call::Get, || Fault::Refuse),
        (Call::GetForWrite, || Fault::Break),
        (Call::GetForWrite, || Fault::Refuse),
        (Call::Scan, || Fault::Refuse),
        (Call::Commit, || Fault::Refuse),
        (Call::Commit, || Fault::Lose),
        (Call::Commit, || Fault::Forget),
    ];
    let mut places = 0;
    for (call, fault) in faults {
        for after in (0..).step_by(stride) {
            if !play(fresh(), call, after, fault()) {
                break;
            }
            places += 1;
        }
    }
    places
}

/// Plays the script with a fault, and says whether it came to it.
fn play(inner: Arc<dyn Backend>, call: Call, after: usize, fault: Fault) -> bool {
    let place = format!("{fault:?} at call {after} of {call:?}");
    let faulty = Arc::new(Faulty::new(Arc::clone(&inner)));
    let store =
        furnished(Store::builder().backend(Arc::clone(&faulty) as Arc<dyn Backend>).background(false).open().unwrap());
    faulty.plan(call, after, fault);
    for Step { what, is_long, run, again } in SCRIPT {
        let place = format!("{what}: {place}");
        let before = dump(&*inner);
        let outcome = run(&store);
        let changed = dump(&*inner) != before;
        let report = Store::builder().backend(Arc::clone(&inner)).check().unwrap();
        assert!(report.is_sound(), "{place}: {:?}", report.flaws);
        let Err(error) = outcome else { continue };
        match (&error, call) {
            (Error::Unavailable { .. } | Error::Backend(_), _) => assert!(is_long || !changed, "{place}: {error}"),
            (Error::OutcomeUnknown, Call::Commit) => {}
            // After the first commit of a deletion, any call may be refused.
            (Error::OutcomeUnknown, _) => assert!(changed, "{place}"),
            _ => panic!("{place}: {error}"),
        }
        // The cause is gone: what is there is read, and the step can be done.
        let name = store.kind("Namespace").unwrap().get("default").unwrap().metadata.name;
        assert_eq!(name.as_deref(), Some("default"), "{place}");
        match run(&store) {
            Ok(()) => {}
            Err(error) => assert!(changed && again.contains(&error.reason()), "{place}: again: {error}"),
        }
    }
    let is_struck = !faulty.cancel();
    // Nothing that was acknowledged is lost: at the end, only what was not deleted is there.
    for name in ["t", "v"] {
        assert!(store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).get(name).is_ok(), "{place}");
    }
    for (kind, namespace, key) in [("Deployment", Some(NAMESPACE), "a"), ("Namespace", None, "team")] {
        let gone = store.collection(kind, namespace).unwrap().get(key);
        assert!(matches!(gone, Err(Error::NotFound { .. })), "{place}: {gone:?}");
    }
    is_struck
}

fn dump(backend: &dyn Backend) -> BTreeMap<Key, Versioned> {
    let (mut all, mut scan) = (BTreeMap::new(), Scan::default());
    loop {
        let page = backend.scan(&scan).unwrap();
        scan.after = page.entries.last().map(|(key, _)| key.clone()).or(scan.after);
        all.extend(page.entries);
        if !page.more {
            return all;
        }
    }
}

#[test]
fn a_check_names_what_it_could_not_read_and_waits_for_what_only_rests() {
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new())));
    let builder = || Store::builder().backend(Arc::clone(&faulty) as Arc<dyn Backend>).background(false);
    let store = builder().open().unwrap();
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(named("t")).wait().unwrap();
    let check = |call, fault| {
        faulty.plan(call, 0, fault);
        let report = builder().check().unwrap();
        assert!(!faulty.cancel(), "{call:?} was called");
        report.flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    for call in [Call::Get, Call::Scan, Call::Changes] {
        assert_eq!(check(call, Fault::Refuse), "", "{call:?}");
    }
    assert!(check(Call::Get, Fault::Break).contains("it is broken"));
    assert_eq!(check(Call::Changes, Fault::Break), "the change log cannot be read after revision 0: it is broken");
    // A page that cannot be read is read one by one.
    assert_eq!(check(Call::Scan, Fault::Break), "");
}

#[test]
fn a_deletion_that_is_refused_halfway_is_unknown_and_is_finished_by_the_store() {
    const COUNT: usize = 120;
    let faulty = Arc::new(Faulty::new(Arc::new(MemoryBackend::new())));
    let store = furnished(Store::builder().backend(Arc::clone(&faulty) as Arc<dyn Backend>).open().unwrap());
    let (namespaces, deployments) = (store.kind("Namespace").unwrap(), store.kind("Deployment").unwrap());
    namespaces.create(json!({"name": "team"})).wait().unwrap();
    for index in 0..COUNT {
        let target = named(&format!("t{index}"));
        store.kind("DeploymentTarget").unwrap().namespace("team").create(target).wait().unwrap();
    }
    let deployments = deployments.namespace(NAMESPACE);
    let id = deployments.create(deployment("x")).wait().unwrap().object.metadata.id.to_string();
    let events = store.as_system().kind("Event").unwrap().namespace(NAMESPACE);
    for _ in 0..COUNT {
        let metadata = json!({"name": "GENERAL_FAILURE", "deploymentId": id});
        events.create(json!({"metadata": metadata, "spec": {"message": "late"}})).wait().unwrap();
    }
    wait_until(|| store.is_indexed());
    for (delete, what) in [
        (
            (|store| store.kind("Namespace").unwrap().delete("team").wait().map(drop)) as fn(&Store) -> Result<()>,
            "team",
        ),
        (|store| store.kind("Deployment").unwrap().namespace(NAMESPACE).delete("a").wait().map(drop), "a"),
    ] {
        faulty.plan(Call::Commit, 2, Fault::Refuse);
        let refused = delete(&store);
        assert!(matches!(refused, Err(Error::OutcomeUnknown)), "{what}: {refused:?}");
    }
    wait_until(|| namespaces.find("team").unwrap().is_none() && events.list().read().unwrap().items.is_empty());
    // Nobody waits for one, or polls it again: the store finishes it all the same.
    namespaces.create(json!({"name": "team"})).wait().unwrap();
    store.kind("DeploymentTarget").unwrap().namespace("team").create(named("one")).wait().unwrap();
    drop(namespaces.delete("team").submit());
    wait_until(|| namespaces.find("team").unwrap().is_none());
}

fn wait_until(is_so: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it does not come to that");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
