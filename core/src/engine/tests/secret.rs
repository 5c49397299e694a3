//! What was read can be written again: a secret that no answer has keeps its value.

use serde_json::{Value, json};

use crate::Registry;
use crate::engine::{GetOptions, Operation, Store};
use crate::error::Error;

const LOGIN: &str = "
{kind: Login, apiVersion: v1, description: A login., group: /api/v1, plural: logins, singular: login, scope: namespaced,
 managedBy: user, key: name, naming: label, verbs: [list, get, create, upsert, patch, delete], secret: [/spec/by/password],
 schema: {type: object, properties: {metadata: {type: object, properties: {name: {type: string}}},
  spec: {type: object, properties: {user: {type: string}, by: {type: object, required: [password],
   properties: {password: {type: string}, hint: {type: string}}}}}}}}";

fn store() -> Store {
    let registry = Registry::with(&[LOGIN]).unwrap();
    let store = Store::builder().registry(registry).plain_secrets(true).open().unwrap();
    let login = json!({"metadata": {"name": "a"}, "spec": {"user": "x", "by": {"password": "hush"}}});
    store.kind("Login").unwrap().namespace("default").create(login).wait().unwrap();
    store
}

fn password(store: &Store) -> Option<Value> {
    let reveal = GetOptions::default().reveal(true);
    let login = store.kind("Login").unwrap().namespace("default").get_with("a", reveal).unwrap();
    login.spec_value().at("/by/password").map(|value| Value::from(value.clone()))
}

#[test]
fn a_replacing_document_without_the_secret_keeps_it() {
    let store = store();
    let logins = || store.kind("Login").unwrap().namespace("default");
    let read = Value::from(logins().get("a").unwrap().to_value());
    assert_eq!(read["spec"], json!({"user": "x", "by": {}}));
    assert!(!logins().upsert("a", read).wait().unwrap().changed, "what was read is no change");
    for by in [json!({"hint": "h"}), json!({"hint": "h", "password": null}), json!(null)] {
        logins().upsert("a", json!({"spec": {"user": "y", "by": by}})).wait().unwrap();
        assert_eq!(password(&store), Some(json!("hush")), "{by}");
    }
    let whole = vec![Operation::upsert("Login", "a", json!({"spec": {"user": "z"}}))];
    store.transaction("default").operations(whole).wait().unwrap();
    assert_eq!(password(&store), Some(json!("hush")));
    logins().upsert("a", json!({"spec": {"by": {"password": "new"}}})).wait().unwrap();
    assert_eq!(password(&store), Some(json!("new")));
}

#[test]
fn a_new_resource_without_the_secret_is_refused() {
    let store = store();
    let logins = store.kind("Login").unwrap().namespace("default");
    let refused = logins.upsert("b", json!({"spec": {"by": {}}})).wait();
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
}
