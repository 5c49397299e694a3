//! The listener: one port for HTTP/1.1, HTTP/2 and gRPC, with every bound, and a stop that finishes accepted requests.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use http::Response;
use http::header::HeaderValue;
use kindstore::Store;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tower::Service as TowerService;

use crate::access::Admission;
use crate::app::App;
use crate::budget::{self, Budget};
use crate::compression::compress;
use crate::connection::{Connections, Places, Waits};
use crate::follow::Closing;
use crate::gate::Gate;
use crate::settings::Settings;
use crate::shared::Shared;

/// How long a stop waits for the requests that were accepted.
const DRAIN: Duration = Duration::from_secs(30);

/// A server that is bound to its address and accepts nothing yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    settings: Settings,
    origins: Vec<HeaderValue>,
    app: Option<App>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Binds the address of the settings, and reads the files of the web app. An address alone stands for the default
    /// settings with it.
    ///
    /// # Errors
    /// Those of the operating system; `PermissionDenied` for an address beyond loopback that the settings do not allow;
    /// `InvalidInput` for a folder of the web app that cannot be served, and for an origin that is none.
    pub async fn bind(settings: impl Into<Settings>) -> io::Result<Self> {
        let settings = settings.into();
        let invalid = |why: Box<dyn std::error::Error + Send + Sync>| io::Error::new(io::ErrorKind::InvalidInput, why);
        let app = settings.app_dir.as_deref().map(App::open).transpose().map_err(|error| invalid(error.into()))?;
        // The check comes before the bind: not even for a moment may there be an open port without access control.
        if !settings.listen.ip().is_loopback() && !settings.allow_remote {
            let why = "without access control only loopback addresses are served";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let origins = settings.origins().map_err(|error| invalid(error.into()))?;
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, settings, origins, app })
    }

    /// Returns the address that clients connect to, with the real port where port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a store until the future is dropped. A caller that keeps a clone of the store decides where it is closed:
    /// closing waits for its threads, which no async worker should do.
    pub async fn serve(self, store: Store) {
        self.serve_until(store, std::future::pending()).await;
    }

    /// Serves a store until `stop` resolves, then accepts no more and finishes the requests that it has, within 30
    /// seconds.
    pub async fn serve_until(self, store: Store, stop: impl Future<Output = ()>) {
        self.with_store(store).await.run(stop).await;
    }

    /// Serves until `stop` resolves, also while the store is still being opened: until then probes are answered, and all
    /// other requests are refused as `Unavailable`. Calls `opened` once they are let through.
    ///
    /// # Errors
    /// That of the opening, after which nothing is served.
    pub async fn serve_opening<E>(
        mut self,
        store: impl Future<Output = Result<Store, E>>,
        opened: impl FnOnce(),
        stop: impl Future<Output = ()>,
    ) -> Result<(), E> {
        let (gate, closing, has_failed) = (Gate::closed().await, Closing::new(), Notify::new());
        let (app, settings) = (self.app.take(), self.settings.clone());
        let service = self.with_service(gate.clone(), Arc::clone(&closing));
        let opening = async {
            match store.await {
                Ok(store) => gate.open(Arc::new(Shared::new(store, app, closing, &settings))).await,
                Err(error) => {
                    has_failed.notify_one();
                    return Err(error);
                }
            }
            opened();
            Ok(())
        };
        let stop = async {
            tokio::select! {
                () = stop => {}
                () = has_failed.notified() => {}
            }
        };
        let (result, ()) = tokio::join!(opening, service.run(stop));
        result
    }

    /// Returns the server with its store, for tests that bring requests of their own.
    #[doc(hidden)]
    pub async fn with_store(mut self, store: Store) -> Service {
        let closing = Closing::new();
        let shared = Shared::new(store, self.app.take(), Arc::clone(&closing), &self.settings);
        let gate = Gate::closed().await;
        gate.open(Arc::new(shared)).await;
        self.with_service(gate, closing)
    }

    /// Returns the server with another application than the store's, under the same layers as REST: the peer that the
    /// store's own is measured against.
    #[doc(hidden)]
    pub fn with_app(self, app: Router) -> Service {
        self.with_service(compress(app), Closing::new())
    }

    fn with_service<S>(self, app: S, closing: Arc<Closing>) -> Service
    where
        S: TowerService<Request, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let app = Admission::new(app, !self.settings.allow_remote, &self.origins);
        let waits = Waits { stall: self.settings.stall_wait, idle: self.settings.idle_wait };
        let (budget, places) = (Budget::new(self.settings.request_bytes), Places::new());
        let connections = Connections { app, budget, places, waits };
        Service { listener: self.listener, connections, closing }
    }
}

/// A server with its application.
#[doc(hidden)]
pub struct Service {
    listener: TcpListener,
    connections: Connections,
    closing: Arc<Closing>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("waits", &self.connections.waits).finish_non_exhaustive()
    }
}

impl Service {
    /// Answers a request that came by no connection.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        let Connections { app, budget, .. } = self.connections.clone();
        let share = budget.share();
        budget::scope(budget, share, app.admit(request)).await
    }

    /// Serves until `stop` resolves, then accepts no more and finishes what was accepted, for 30 seconds at most.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let places = &self.connections.places;
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let place = places.give(peer.ip());
                        tokio::spawn(self.connections.clone().serve(stream, place, stopped.clone()));
                    }
                    Err(error) => {
                        // Out of descriptors, for example: wait for some to come back instead of spinning.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        // From here on connections are refused, so that a client turns to another server at once.
        drop(self.listener);
        // Watches never end by themselves; without this a stop would always take all of its time.
        self.closing.close();
        drop(stopped);
        let _ = stopping.send(true);
        if tokio::time::timeout(DRAIN, stopping.closed()).await.is_err() {
            tracing::warn!("some connections were still busy after {} seconds and were closed", DRAIN.as_secs());
        }
    }
}
