//! Random requests, played on a store and on a model of it that fits on a screen: both answer the same, on memory and on
//! sled, also when the store is opened again in between.

use kindstore::{ETag, Expected, Object, Store, WriteOptions, WriteOutcome};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::soak::rounds;
use crate::target::furnished;

const KIND: &str = "Deployment";
const NAMESPACE: &str = "default";

/// How many requests are played at the most.
const MOST: usize = 60;

#[derive(Clone, Debug)]
enum Request {
    Create(u8, u8),
    Upsert(u8, u8, Expect),
    Patch(u8, u8, Expect),
    Delete(u8, Expect),
    Get(u8),
    List,
    Reopen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Anything,
    Version(u64),
    Absent,
    Exists,
}

/// What a request shows: the resource as name, version and label, and whether it was created or changed; or a reason.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    WriteOutcome { seen: Seen, created: bool, changed: bool },
    Found(Vec<Seen>),
    Refused(&'static str),
}

type Seen = (u8, u64, u8);

/// The store in short: resources in the order of their creation.
#[derive(Default)]
struct Model(Vec<Seen>);

impl Model {
    fn play(&mut self, request: &Request) -> Answer {
        let place = |name: u8| self.0.iter().position(|(found, ..)| *found == name);
        match *request {
            Request::Get(name) => place(name).map_or(Answer::Refused("NotFound"), |at| Answer::Found(vec![self.0[at]])),
            Request::List | Request::Reopen => Answer::Found(self.0.clone()),
            Request::Create(name, label) => match place(name) {
                Some(_) => Answer::Refused("AlreadyExists"),
                None => self.put(name, label),
            },
            Request::Upsert(name, _, expect) | Request::Patch(name, _, expect) | Request::Delete(name, expect)
                if !expect.holds(place(name).map(|at| self.0[at].1)) =>
            {
                Answer::Refused("PreconditionFailed")
            }
            Request::Patch(name, ..) | Request::Delete(name, _) if place(name).is_none() => Answer::Refused("NotFound"),
            Request::Upsert(name, label, _) | Request::Patch(name, label, _) => self.put(name, label),
            Request::Delete(name, _) => {
                let seen = self.0.remove(place(name).unwrap());
                Answer::WriteOutcome { seen, created: false, changed: true }
            }
        }
    }

    fn put(&mut self, name: u8, label: u8) -> Answer {
        let old = self.0.iter_mut().find(|(found, ..)| *found == name);
        let (created, changed) = (old.is_none(), old.as_ref().is_none_or(|old| old.2 != label));
        let seen = match old {
            Some(old) => {
                *old = (name, old.1 + u64::from(changed), label);
                *old
            }
            None => {
                self.0.push((name, 1, label));
                (name, 1, label)
            }
        };
        Answer::WriteOutcome { seen, created, changed }
    }
}

impl Expect {
    fn holds(self, version: Option<u64>) -> bool {
        match self {
            Expect::Anything => true,
            Expect::Version(expected) => version == Some(expected),
            Expect::Absent => version.is_none(),
            Expect::Exists => version.is_some(),
        }
    }

    fn options(self) -> WriteOptions {
        let expected = match self {
            Expect::Anything => None,
            Expect::Version(version) => Some(Expected::OneOf(vec![ETag { id: None, version }])),
            Expect::Absent => Some(Expected::Absent),
            Expect::Exists => Some(Expected::Exists),
        };
        WriteOptions::default().expected(expected)
    }
}

fn play(store: &Store, request: &Request) -> Answer {
    let found = |found: kindstore::Result<Vec<Object>>| match found {
        Ok(found) => Answer::Found(found.iter().map(seen).collect()),
        Err(error) => Answer::Refused(error.reason()),
    };
    let write = match *request {
        Request::Get(name) => {
            return found(store.kind(KIND).unwrap().namespace(NAMESPACE).get(&text(name)).map(|object| vec![object]));
        }
        Request::List | Request::Reopen => {
            return found(store.kind(KIND).unwrap().namespace(NAMESPACE).list().read().map(|list| list.items));
        }
        Request::Create(name, label) => {
            store.kind(KIND).unwrap().namespace(NAMESPACE).create(document(name, label)).submit()
        }
        Request::Upsert(name, label, expect) => store
            .kind(KIND)
            .unwrap()
            .namespace(NAMESPACE)
            .upsert(&text(name), document(name, label))
            .options(expect.options())
            .submit(),
        Request::Patch(name, label, expect) => {
            let patch = json!({"metadata": {"labels": {"label": label.to_string()}}});
            store.kind(KIND).unwrap().namespace(NAMESPACE).patch(&text(name), patch).options(expect.options()).submit()
        }
        Request::Delete(name, expect) => {
            store.kind(KIND).unwrap().namespace(NAMESPACE).delete(&text(name)).options(expect.options()).submit()
        }
    };
    match write.wait() {
        Ok(WriteOutcome { object, created, changed, revision, .. }) => {
            assert_eq!(revision.is_some(), changed, "what changes nothing stores nothing");
            Answer::WriteOutcome { seen: seen(&object), created, changed }
        }
        Err(error) => Answer::Refused(error.reason()),
    }
}

fn text(name: u8) -> String {
    format!("n{name}")
}

fn document(name: u8, label: u8) -> Value {
    let artifact = json!({"kind": "JAR", "jarUri": "s3://a/b.jar"});
    json!({
        "metadata": {"name": text(name), "labels": {"label": label.to_string()}},
        "spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": artifact}}},
    })
}

fn seen(object: &Object) -> Seen {
    let metadata = &object.metadata;
    let name = metadata.name.as_ref().unwrap()[1..].parse().unwrap();
    (name, metadata.resource_version, metadata.labels.as_ref().unwrap().get("label").unwrap().parse().unwrap())
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    // Few names and labels, so that requests meet.
    let (name, label) = (|| 0..4_u8, || 0..3_u8);
    let expect = || {
        prop_oneof![
            4 => Just(Expect::Anything),
            3 => (1..5_u64).prop_map(Expect::Version),
            1 => Just(Expect::Absent),
            1 => Just(Expect::Exists),
        ]
    };
    let request = prop_oneof![
        4 => (name(), label()).prop_map(|(name, label)| Request::Create(name, label)),
        4 => (name(), label(), expect()).prop_map(|(name, label, expect)| Request::Upsert(name, label, expect)),
        6 => (name(), label(), expect()).prop_map(|(name, label, expect)| Request::Patch(name, label, expect)),
        3 => (name(), expect()).prop_map(|(name, expect)| Request::Delete(name, expect)),
        3 => name().prop_map(Request::Get),
        1 => Just(Request::List),
        1 => Just(Request::Reopen),
    ];
    proptest::collection::vec(request, 1..MOST)
}

/// Plays random requests on a store that is opened again by `reopen`.
fn check<Place>(cases: usize, open: impl Fn() -> (Place, Store), reopen: impl Fn(&Place, Store) -> Store) {
    let config = Config { cases: cases as u32, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&requests(), |requests| {
        let ((place, mut store), mut model) = (open(), Model::default());
        for request in &requests {
            if matches!(request, Request::Reopen) {
                store = reopen(&place, store);
            }
            prop_assert_eq!(play(&store, request), model.play(request), "{:?} of {:?}", request, &requests);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_store_in_memory_answers_as_the_model_does() {
    check(rounds(200, 20_000), || ((), furnished(Store::in_memory().unwrap())), |(), store| store);
}

#[test]
fn a_store_on_sled_answers_as_the_model_does_also_when_it_is_opened_again() {
    let open = || {
        let folder = tempfile::tempdir().unwrap();
        let store = furnished(Store::open(folder.path()).unwrap());
        (folder, store)
    };
    let reopen = |folder: &tempfile::TempDir, store| {
        drop(store);
        Store::open(folder.path()).unwrap()
    };
    check(rounds(20, 2_000), open, reopen);
}
