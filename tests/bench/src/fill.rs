//! Stores with resources in them.

use std::path::Path;

use kindstore::manifest::{Format, Limits};
use kindstore::{Collection, Store};

use crate::document::{KIND, NAMESPACE, TARGET, Texts};
use crate::load::{self, Load};

/// The same store, with what the resources refer to.
pub(crate) fn furnished(store: Store) -> Store {
    let target = serde_json::json!({"spec": {"kubernetes": {}}});
    let write =
        store.kind("DeploymentTarget").expect("the kind is there").namespace(NAMESPACE).upsert(TARGET, target).submit();
    write.wait().expect("it is there");
    store
}

/// Creates resources by 64 writers.
pub(crate) fn store(store: &Store, texts: &Texts, numbers: std::ops::Range<usize>) -> Load {
    load::run(64, numbers, |_, number| create(store, &texts.text(number)))
}

/// The collection that is measured.
pub(crate) fn collection(store: &Store) -> Collection {
    store.kind(KIND).expect("the kind is there").namespace(NAMESPACE)
}

/// A durable create from text, as a program gets it from its users.
pub(crate) fn create(store: &Store, text: &str) {
    let document = kindstore::manifest::read(text.as_bytes(), Format::Json, &Limits::default()).expect("it is JSON");
    collection(store).create(document).wait().expect("it is created");
}

/// The data folder of a server, with resources in it.
pub(crate) fn folder(folder: &Path, numbers: std::ops::Range<usize>) {
    store(&furnished(Store::open(folder.join("store")).expect("the store opens")), &Texts::new(), numbers);
}
