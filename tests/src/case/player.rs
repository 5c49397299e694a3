//! The bindings as players of cases.

mod batch;
mod client;
mod command;
pub(crate) mod engine;
mod grpc;
mod rest;
mod watch;

use std::sync::Arc;

use kindstore::backend::{SledBackend, SledOptions};
use kindstore::{ETag, Expected, Registry, ResourceId, Store, WriteOptions};
use kindstore_server::Server;
use tokio::runtime::Runtime;

use super::answer::Answer;
use super::source;
use super::step::Step;

/// A binding that answers requests.
pub(crate) trait Player {
    fn name(&self) -> String;
    /// The store behind it, for steps that the system plays.
    fn store(&self) -> &Store;
    fn play(&mut self, step: &Step) -> Answer;
}

/// Every binding, each with a store of its own.
pub(crate) fn all(plain_secrets: bool, registry: Option<&Registry>) -> Vec<Box<dyn Player>> {
    let builder = || {
        let builder = source::builder(plain_secrets);
        registry.into_iter().fold(builder, |builder, registry| builder.registry(registry.clone()))
    };
    let memory = || builder().open().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sled = SledBackend::open(folder.path().join("store"), SledOptions::default()).unwrap();
    let sled = builder().backend(Arc::new(sled)).open().unwrap();
    vec![
        Box::new(engine::Engine::new("engine on memory", memory(), plain_secrets, None)),
        Box::new(engine::Engine::new("engine on sled", sled, plain_secrets, Some(folder))),
        Box::new(rest::Rest::new(Hosted::new(memory()), kindstore::manifest::Format::Json)),
        Box::new(rest::Rest::new(Hosted::new(memory()), kindstore::manifest::Format::Yaml)),
        Box::new(grpc::Grpc::new(Hosted::new(memory()))),
        Box::new(client::RustClient::new(Hosted::new(memory()))),
    ]
}

/// Plays a step as the system, which no binding offers.
pub(crate) fn system(store: &Store, step: &Step) -> Answer {
    engine::system(store, step)
}

/// A running server with a store that its player can reach.
pub(crate) struct Hosted {
    pub(crate) runtime: Runtime,
    pub(crate) store: Store,
    pub(crate) address: std::net::SocketAddr,
}

impl Hosted {
    pub(crate) fn new(store: Store) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::bind(([127, 0, 0, 1], 0))).unwrap();
        let address = server.address();
        runtime.spawn(server.serve(store.clone()));
        Self { runtime, store, address }
    }
}

/// The version that a step demands, as a tag of the resource that is there.
fn tag(store: &Store, step: &Step) -> Option<ETag> {
    let version = step.version?;
    let found = store.collection(&step.kind, step.namespace.as_deref()).unwrap().get(&step.key);
    let id = found.map_or(ResourceId::from_bytes([7; 16]), |object| object.metadata.id);
    Some(ETag { id: Some(id), version })
}

pub(crate) fn options(store: &Store, step: &Step) -> WriteOptions {
    WriteOptions::default()
        .expected(tag(store, step).map(|tag| Expected::OneOf(vec![tag])))
        .dry_run(step.dry_run)
        .without_defaults(step.without_defaults)
        .field_validation(step.field_validation)
}
