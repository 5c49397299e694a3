//! Pages of a list while others write: together they are what there was at the revision of the first one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kindstore::{Json, ListOptions, Store, WriteOptions};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use serde_json::json;

use crate::case::hosted;
use crate::chance::Chance;
use crate::exchange::send;

const KIND: &str = "DeploymentTarget";
const NAMESPACE: Option<&str> = Some("default");
const PATH: &str = "/api/v1/namespaces/default/deployment-targets";

/// Creates, changes and deletes at random, for as long as it is wanted.
fn write(store: &Store, chance: &mut Chance, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let name = format!("n{}", chance.below(60));
        let document =
            json!({"metadata": {"labels": {"at": chance.below(1000).to_string()}}, "spec": {"kubernetes": {}}});
        let done = match chance.below(3) {
            0 => store.delete(KIND, NAMESPACE, &name, WriteOptions::default()).wait(),
            _ => store.upsert(KIND, NAMESPACE, &name, document, WriteOptions::default()).wait(),
        };
        drop(done);
    }
}

/// All pages over REST, and the revision that they tell.
fn over_rest(address: std::net::SocketAddr, limit: usize) -> (u64, Vec<Json>) {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let path = format!("{PATH}?limit={limit}&continue={token}");
        let page = send(address, "GET", &path, &[], b"").json();
        let items = page.get("items").and_then(Json::as_array).expect("a page has items");
        assert!(items.len() <= limit);
        found.extend(items.iter().cloned());
        match page.at("/metadata/continue").and_then(Json::as_str) {
            Some(next) => next.clone_into(&mut token),
            None => return (page.at("/metadata/revision").unwrap().to_text().parse().unwrap(), found),
        }
    }
}

#[test]
fn all_pages_together_are_the_list_at_one_revision_while_others_write() {
    let store = Store::in_memory().unwrap();
    let address = hosted(store.clone());
    let is_over = Arc::new(AtomicBool::new(false));
    let writer = {
        let (store, is_over) = (store.clone(), Arc::clone(&is_over));
        std::thread::spawn(move || write(&store, &mut Chance::new(), &is_over))
    };
    for limit in (1..=12).chain([64, 1000]) {
        let (revision, found) = over_rest(address, limit);
        let then = ListOptions { revision: Some(revision), ..ListOptions::default() };
        let list = store.list(KIND, NAMESPACE, then).unwrap();
        let expected: Vec<Json> = list.items.iter().map(kindstore::Object::to_value).collect();
        assert_eq!(found, expected, "pages of {limit} at revision {revision}");
    }
    is_over.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}

#[test]
fn who_goes_on_too_late_is_told_to_begin_anew() {
    let store = Store::in_memory().unwrap();
    for index in 0..5 {
        let document = json!({"metadata": {"name": format!("n{index}")}, "spec": {"kubernetes": {}}});
        store.create(KIND, NAMESPACE, document, WriteOptions::default()).wait().unwrap();
    }
    let address = hosted(store.clone());
    let page = send(address, "GET", &format!("{PATH}?limit=2"), &[], b"");
    let (token, revision) = (page.text("/metadata/continue"), page.json().at("/metadata/revision").unwrap().to_text());
    store.delete(KIND, NAMESPACE, "n4", WriteOptions::default()).wait().unwrap();
    store.compact(0).unwrap();
    let late = send(address, "GET", &format!("{PATH}?limit=2&continue={token}"), &[], b"");
    assert_eq!((late.status, late.text("/reason").as_str()), (410, "Expired"), "{late:?}");
    assert!(late.text("/message").ends_with("; begin the list again"), "{late:?}");
    for path in [format!("{PATH}?revision={revision}"), format!("{PATH}/n1?revision={revision}")] {
        let late = send(address, "GET", &path, &[], b"");
        assert_eq!((late.status, late.text("/reason").as_str()), (410, "Expired"), "{late:?}");
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let late = runtime.block_on(async {
        let mut client = ResourceServiceClient::connect(format!("http://{address}")).await.unwrap();
        let (kind, namespace) = (KIND.to_owned(), "default".to_owned());
        client.list(v1::ListRequest { kind, namespace, page_token: token.clone(), ..Default::default() }).await
    });
    assert_eq!(late.unwrap_err().code(), tonic::Code::OutOfRange);
    let both = send(address, "GET", &format!("{PATH}?continue={token}&revision=1"), &[], b"");
    assert_eq!((both.status, both.text("/reason").as_str()), (400, "BadRequest"), "{both:?}");
}

#[test]
fn what_has_no_place_for_a_page_or_is_no_number_is_refused() {
    let store = Store::in_memory().unwrap();
    let address = hosted(store);
    for (path, part) in [
        ("/namespaces/v1/namespaces?limit=1", "a list of namespaces has no pages here"),
        ("/api/v1/namespaces/default/deployment-targets?limit=1001", "a number from 1 to 1000, or 0 for all"),
        ("/api/v1/namespaces/default/deployment-targets?revision=0", "a number from 1 on"),
        ("/api/v1/namespaces/default/deployment-defaults/diff", "name the version to compare with"),
        ("/api/v1/namespaces/default/deployment-defaults/diff?from=now", "a number from 1 on"),
        ("/api/v1/namespaces/default/deployment-defaults/versions/x", "a number from 1 on"),
    ] {
        let reply = send(address, "GET", path, &[], b"");
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
        assert!(reply.text("/message").contains(part), "{path}: {reply:?}");
    }
    let json = &["content-type: application/json"];
    let path = "/api/v1/namespaces/default/deployment-defaults/rollback";
    for body in [&b"{}"[..], br#"{"version": -1}"#, br#"{"version": [1]}"#] {
        let reply = send(address, "POST", path, json, body);
        assert!(reply.status == 400 && reply.text("/message").contains("name the version"), "{reply:?}");
    }
    // A kind without the verb says which methods there are.
    let path = "/api/v1/namespaces/default/deployment-defaults/undelete";
    let reply = send(address, "POST", path, json, b"{}");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("OPTIONS")), "{reply:?}");
    let versions = send(address, "GET", "/namespaces/v1/namespaces/default/versions", &[], b"").json();
    assert_eq!(versions.at("/items/0/resource/name").and_then(Json::as_str), Some("namespaces/default"));
}
