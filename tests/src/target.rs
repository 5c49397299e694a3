//! What the Deployments of tests refer to.

use std::net::SocketAddr;

use kindstore::Store;
use serde_json::{Value, json};

use crate::exchange::send;

/// The DeploymentTarget that the Deployments of tests name.
pub(crate) fn target() -> Value {
    json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}})
}

/// The same store, with the target in the namespace `default`.
pub(crate) fn furnished(store: Store) -> Store {
    store.kind("DeploymentTarget").unwrap().namespace("default").upsert("jobs", target()).wait().unwrap();
    store
}

/// Makes the target in the store of a server.
pub(crate) fn furnish(address: SocketAddr) {
    let path = "/api/v1/namespaces/default/deployment-targets/jobs";
    let reply = send(address, "PUT", path, &["content-type: application/json"], target().to_string().as_bytes());
    assert!(matches!(reply.status, 200 | 201), "{}", reply.status);
}
