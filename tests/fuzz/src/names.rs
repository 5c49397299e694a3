//! Names and what else names things: labels, keys, ids, versions.

use kindstore::{ETag, GetOptions, Json, Limits, ResourceId, Store, WriteOptions};
use serde_json::json;

/// A text as a name, a label or a key is refused with a problem, or found under the same text again.
pub fn names(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if text.len() > 1 << 16 {
        return;
    }
    reads_back(text);
    let store = Store::in_memory().expect("a store in memory opens");
    let namespace = Some("default");
    let document = json!({"metadata": {"name": text, "labels": {text: text}}, "spec": {"kubernetes": {}}});
    let created = store.create("DeploymentTarget", namespace, document, WriteOptions::default()).wait();
    if let Ok(written) = created {
        assert_eq!(written.object.metadata.name.as_deref(), Some(text));
        let found =
            store.get("DeploymentTarget", namespace, text, GetOptions::default()).expect("it is found by its name");
        assert_eq!(found, written.object);
        let value = found.to_value();
        let label = value.at("/metadata/labels").and_then(|labels| labels.get(text));
        assert_eq!(label.and_then(Json::as_str), Some(text));
    }
    let document = json!({"spec": {"kubernetes": {}}});
    let upserted = store.upsert("DeploymentTarget", namespace, text, document.clone(), WriteOptions::default()).wait();
    if let Ok(written) = upserted {
        let again = store.upsert("DeploymentTarget", namespace, text, document, WriteOptions::default()).wait();
        assert!(again.is_ok_and(|again| !again.changed && again.object.metadata.id == written.object.metadata.id));
    }
    for (kind, namespace) in [("DeploymentTarget", Some(text)), (text, namespace), ("Namespace", None)] {
        let _ = store.get(kind, namespace, text, GetOptions::default());
        let _ = store.list(kind, namespace, Default::default());
        let _ = store.create(kind, namespace, json!({"name": text}), WriteOptions::default()).wait();
    }
}

/// What parses is written as it was read.
fn reads_back(text: &str) {
    if let Ok(id) = text.parse::<ResourceId>() {
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
    }
    if let Ok(tag) = text.parse::<ETag>() {
        assert_eq!(tag.to_string().parse::<ETag>(), Ok(tag));
    }
    let value = Json::from(text);
    let _ = value.at(text);
    let document = kindstore::read(value.to_text().as_bytes(), kindstore::Format::Json, &Limits::default());
    assert_eq!(document.expect("a string is JSON").value, value);
}
