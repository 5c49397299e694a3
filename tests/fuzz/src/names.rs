//! Names and what else names things: labels, keys, ids, versions.

use kindstore::manifest::Limits;
use kindstore::{ETag, Json, ResourceId, Store};
use serde_json::json;

/// A text as a name, a label or a key is refused with a problem, or found under the same text again.
pub fn names(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if text.len() > 1 << 16 {
        return;
    }
    reads_back(text);
    let store = Store::in_memory().expect("a store in memory opens");
    let targets = store.kind("DeploymentTarget").expect("the kind is there").namespace("default");
    let document = json!({"metadata": {"name": text, "labels": {text: text}}, "spec": {"kubernetes": {}}});
    let created = targets.create(document).wait();
    if let Ok(written) = created {
        assert_eq!(written.object.metadata.name.as_deref(), Some(text));
        let found = targets.get(text).expect("it is found by its name");
        assert_eq!(found, written.object);
        let value = found.to_value();
        let label = value.at("/metadata/labels").and_then(|labels| labels.get(text));
        assert_eq!(label.and_then(Json::as_str), Some(text));
    }
    let document = json!({"spec": {"kubernetes": {}}});
    let upserted = targets.upsert(text, document.clone()).wait();
    if let Ok(written) = upserted {
        let again = targets.upsert(text, document).wait();
        assert!(again.is_ok_and(|again| !again.changed && again.object.metadata.id == written.object.metadata.id));
    }
    for (kind, namespace) in [("DeploymentTarget", Some(text)), (text, Some("default")), ("Namespace", None)] {
        let Ok(collection) = store.collection(kind, namespace) else { continue };
        let _ = collection.get(text);
        let _ = collection.list().read();
        let _ = collection.create(json!({"name": text})).wait();
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
    let document =
        kindstore::manifest::read(value.to_text().as_bytes(), kindstore::manifest::Format::Json, &Limits::default());
    assert_eq!(document.expect("a string is JSON").value, value);
}
