//! The health service: the server's own state under the empty name, that of the store under the name of its service, and each
//! probe under its name.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kindstore::Store;
use kindstore_proto::v1::resource_service_server::SERVICE_NAME;
use tokio::task::AbortHandle;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthMethods, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};

use crate::follow::Closing;
use crate::probe::{Probe, failing};

/// The services, and the probe that each is about.
const SERVICES: [(&str, Probe); 5] = [
    ("", Probe::Live),
    (SERVICE_NAME, Probe::Ready),
    (Probe::Live.name(), Probe::Live),
    (Probe::Ready.name(), Probe::Ready),
    (Probe::Started.name(), Probe::Started),
];

/// How often the state is read, for those who watch it: often while a store starts, and then less often.
const WHILE_STARTING: Duration = Duration::from_millis(50);
const AFTERWARDS: Duration = Duration::from_secs(1);

/// The largest message of the service, which names a service.
const MAX_MESSAGE: usize = 4 << 10;

/// The state that the service reports.
#[derive(Clone)]
pub(crate) struct Health {
    reporter: HealthReporter,
}

/// A task that follows the state of a store. It ends when this is dropped.
pub(crate) struct Following(AbortHandle);

/// The statuses that were reported last.
type Statuses = [Option<bool>; SERVICES.len()];

impl Health {
    /// The state of a server whose store is not open yet.
    pub(crate) async fn begin() -> Self {
        let health = Self { reporter: HealthReporter::new() };
        health.report(None, &mut Statuses::default()).await;
        health
    }

    /// Reports the state of a store from now on.
    pub(crate) async fn follow(&self, store: Store, closing: Arc<Closing>) -> (Arc<Store>, Following) {
        let (store, mut last) = (Arc::new(store), Statuses::default());
        self.report(Some(&store), &mut last).await;
        let (health, weak) = (self.clone(), Arc::downgrade(&store));
        let task = tokio::spawn(async move { health.keep(weak, last, closing).await });
        (store, Following(task.abort_handle()))
    }

    /// The service.
    pub(super) fn service(&self) -> HealthServer<impl HealthMethods + use<>> {
        let service = HealthService::from_health_reporter(self.reporter.clone());
        HealthServer::new(service).max_decoding_message_size(MAX_MESSAGE)
    }

    async fn keep(self, store: Weak<Store>, mut last: Statuses, closing: Arc<Closing>) {
        let (mut interval, mut closed) = (WHILE_STARTING, pin!(closing.closed()));
        loop {
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = &mut closed => return self.end().await,
            }
            // The store must not be kept open by this.
            let Some(store) = store.upgrade() else { return };
            self.report(Some(&store), &mut last).await;
            if last.iter().all(|status| *status == Some(true)) {
                interval = AFTERWARDS;
            }
        }
    }

    /// Reports the end of the server, and ends all watches: they never end by themselves, and a stop would wait for them.
    async fn end(mut self) {
        for (service, _) in SERVICES {
            self.reporter.set_service_status(service, ServingStatus::NotServing).await;
            self.reporter.clear_service_status(service).await;
        }
    }

    /// Reports what has changed: a report is an event for each client that watches.
    async fn report(&self, store: Option<&Store>, last: &mut Statuses) {
        let state = |probe: Probe| failing(&probe.checks(store)).is_empty();
        let states = Probe::ALL.map(|probe| (probe, state(probe)));
        for ((service, probe), last) in SERVICES.iter().zip(last) {
            let is_well = states.iter().any(|(other, is_well)| other == probe && *is_well);
            if last.replace(is_well) != Some(is_well) {
                let status = if is_well { ServingStatus::Serving } else { ServingStatus::NotServing };
                self.reporter.set_service_status(service, status).await;
            }
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}
