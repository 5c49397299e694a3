//! Debug output ends up in logs, so it holds no secret.

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::json;

use super::super::{Patch, Store};
use crate::backend::{Backend, Batch, MemoryBackend, Operation, Scan};
use crate::manifest::{Format, Limits, read};

const NAMESPACE: &str = "default";

fn check(value: &impl Debug) {
    let text = format!("{value:?}");
    assert!(!text.contains("hush"), "{text}");
}

#[test]
fn debug_output_holds_no_secret() {
    let backend = Arc::new(MemoryBackend::new());
    let builder = Store::builder().backend(Arc::clone(&backend) as Arc<dyn Backend>).plain_secrets(true);
    check(&builder);
    let store = builder.open().unwrap();
    let secrets = store.kind("SecretValue").unwrap().namespace(NAMESPACE);
    let mut watch = secrets.watch().start().unwrap();
    let value = json!({"metadata": {"name": "s"}, "spec": {"kind": "PLAIN", "value": "hush"}});
    let document = read(value.to_string().as_bytes(), Format::Json, &Limits::default()).unwrap();
    check(&document);
    check(&Patch::merge(document.clone()));
    check(&store.transaction(NAMESPACE).create(&secrets, document.clone()));
    check(&secrets.create(document.clone()));
    let pending = secrets.create(document).submit();
    check(&pending);
    check(&pending.wait().unwrap());
    check(&watch.try_next().unwrap().unwrap());
    check(&watch);
    check(&(&store, &secrets, &backend));
    let page = backend.scan(&Scan::default()).unwrap();
    let bytes = page.entries.iter().map(|(_, entry)| entry.value.escape_ascii().to_string()).collect::<String>();
    assert!(bytes.contains("hush"), "the test would prove nothing: {bytes}");
    check(&page);
    let operations = page.entries.into_iter().map(|(key, entry)| Operation::Put(key, entry.value)).collect();
    check(&Batch { preconditions: Vec::new(), operations });
}
