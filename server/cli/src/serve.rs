//! `kindstore serve`: serves a store until it is stopped.

use std::io::{ErrorKind, IsTerminal, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use kindstore::Store;
use kindstore_server::{ServeArguments, Server, Settings, StoreAddress, StoreSettings};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::allocator;

/// Serves, and says how it ended.
pub(crate) fn start(arguments: ServeArguments) -> ExitCode {
    start_log();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // The log may be filtered; the reason for not starting must reach the terminal.
            let _ = writeln!(std::io::stderr(), "kindstore: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The most threads that read lists.
const MAX_BLOCKING: usize = 32;

fn run(arguments: ServeArguments) -> Result<(), String> {
    let (settings, kept) = arguments.settings().map_err(|error| error.to_string())?;
    if settings.low_memory {
        allocator::take_little();
    }
    let has_app = settings.app_dir.is_some();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // They read lists, which are bounded pieces of work; each keeps memory of its own.
    runtime.max_blocking_threads(MAX_BLOCKING);
    let runtime = runtime.enable_all().build().map_err(|error| error.to_string())?;
    // Before the store: a server that cannot have its address makes no data folder.
    let server = runtime.block_on(bind(settings))?;
    // A handle outside the runtime: closing the store joins its threads, which must not happen on an async worker.
    let last = Arc::new(OnceLock::new());
    let result = runtime.block_on(serve(kept, server, has_app, Arc::clone(&last)));
    drop(runtime);
    drop(last);
    result
}

async fn bind(settings: Settings) -> Result<Server, String> {
    let listen = settings.listen;
    let is_refused = !listen.ip().is_loopback() && !settings.allow_remote;
    let cannot = |error: std::io::Error| match error.kind() {
        ErrorKind::PermissionDenied if is_refused => {
            format!("cannot serve {listen}: {error}; --allow-remote overrides this")
        }
        ErrorKind::AddrInUse => format!("cannot serve {listen}: {error}; --listen chooses another address"),
        _ => format!("cannot serve {listen}: {error}"),
    };
    Server::bind(settings).await.map_err(cannot)
}

async fn serve(kept: StoreSettings, server: Server, has_app: bool, last: Arc<OnceLock<Store>>) -> Result<(), String> {
    // Before the address is announced: a script may stop the server as soon as it has read it.
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|error| format!("SIGTERM cannot be awaited: {error}"))?;
    let (listening, address) = (server.address(), kept.address.clone());
    let announced = move || {
        if let Err(error) = announce(listening, has_app, &address) {
            // The parent process may have closed the output; that is no reason not to serve.
            tracing::debug!(%error, "the address could not be printed");
        }
    };
    // Probes are answered meanwhile.
    let opening = tokio::task::spawn_blocking(move || {
        let store = kept.open().map_err(|error| error.to_string())?;
        let _ = last.set(store.clone());
        Ok(store)
    });
    let store = async { opening.await.unwrap_or_else(|_| Err("the store could not be opened".to_owned())) };
    server
        .serve_opening(store, announced, async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            tracing::info!("stopping; another Ctrl-C stops at once");
            // A drain may take 30 seconds, and a person who presses twice does not want to wait.
            tokio::spawn(async {
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(130);
                }
            });
        })
        .await
}

/// Prints where the server is, for people and for scripts that wait for it.
fn announce(address: SocketAddr, has_app: bool, store: &StoreAddress) -> std::io::Result<()> {
    let store = match store {
        StoreAddress::Memory => "in memory, gone when the server stops".to_owned(),
        StoreAddress::Sled(path) => path.display().to_string(),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "kindstore {} is ready", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  REST    http://{address}/api/v1/namespaces/default/deployments")?;
    writeln!(out, "  gRPC    {address} (kindstore.v1.ResourceService)")?;
    writeln!(out, "  pages   http://{address}/swagger")?;
    if has_app {
        writeln!(out, "  app     http://{address}/app/")?;
    }
    writeln!(out, "  status  http://{address}/api/v1/status")?;
    writeln!(out, "  store   {store}")?;
    out.flush()
}

fn start_log() {
    // An invalid filter is no reason not to start: the log then has its default level.
    let filter = EnvFilter::try_from_env("KINDSTORE_LOG").unwrap_or_else(|_| EnvFilter::new("info,sled=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("KINDSTORE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()).init();
    }
}
