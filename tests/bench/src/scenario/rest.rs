//! REST at 64 connections: gets, beside a bare axum handler in the same server under the same layers.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::document::{self, KIND, NAMESPACE};
use crate::http1::Connection;
use crate::load::{self, Load};
use crate::metrics::{Metrics, Sizes};
use crate::{fill, server};

const CONNECTIONS: usize = 64;

pub(super) fn run(sizes: &Sizes) -> Metrics {
    let mut metrics = Metrics::default();
    let count = sizes.resources / 10;
    let folder = tempfile::tempdir().expect("there is space on the disk");
    fill::folder(folder.path(), 0..count);
    let server = server::kindstore(folder.path());
    let bare_server = server::bare("axum");
    let round = |_| (gets(&server, sizes.resources, count), gets(&bare_server, sizes.resources, count));
    metrics.median("rest.get", "bare.rest-get", (0..3).map(round).collect());
    metrics
}

fn gets(server: &server::Process, times: usize, count: usize) -> Load {
    let address = server.address.clone();
    let connections: Vec<Mutex<Option<Connection>>> = (0..CONNECTIONS).map(|_| Mutex::new(None)).collect();
    let connections = Arc::new(connections);
    load::run_async(CONNECTIONS, 0..times, server.id(), move |task, number| {
        let (connections, address) = (Arc::clone(&connections), address.clone());
        async move {
            let mut place = connections[task].lock().await;
            if place.is_none() {
                *place = Some(Connection::open(&address).await);
            }
            if let Some(connection) = place.as_mut() {
                let name = document::name(number.wrapping_mul(7919) % count);
                let path = format!("/api/v1/namespaces/{NAMESPACE}/{}s/{name}", KIND.to_lowercase());
                assert_eq!(connection.get(&path).await.status, 200, "it is answered");
            }
        }
    })
}
