//! The command `kindstore`.

mod cli;

use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use kindstore_server::{ServeArguments, Server, Settings, StoreAddress};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Documents are many small pieces of memory that are made on one thread and freed on another, which the system's
/// allocator takes half as much time again for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A store for declarative resources: kind, apiVersion, metadata, spec, status.
#[derive(Parser)]
#[command(name = "kindstore", version, long_about = None, arg_required_else_help = true)]
#[command(about = "A store for declarative resources: its server and its command line")]
#[command(after_long_help = cli::EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    globals: cli::Globals,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a store: REST and gRPC on one port.
    ///
    /// Every flag has an environment variable; both beat the settings file of --config. Without access control the
    /// server listens on loopback only. SIGTERM and Ctrl-C finish what was accepted, then stop. Logs go to standard
    /// error: KINDSTORE_LOG sets the level (info), KINDSTORE_LOG_FORMAT=json their form.
    Serve(ServeArguments),
    #[command(flatten)]
    Client(cli::Client),
}

fn main() -> ExitCode {
    cli::answer(Arguments::command);
    let arguments = Arguments::parse();
    match arguments.command {
        Command::Client(client) => client.run(arguments.globals),
        Command::Serve(_) if !arguments.globals.is_empty() => {
            let message = "the options before `serve` are those of the other commands; put serve's own behind it";
            Arguments::command().error(ErrorKind::ArgumentConflict, message).exit()
        }
        Command::Serve(arguments) => start(arguments),
    }
}

fn start(arguments: ServeArguments) -> ExitCode {
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
    let settings = arguments.settings().map_err(|error| error.to_string())?;
    let store = settings.open_store().map_err(|error| error.to_string())?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // They read lists, which are bounded pieces of work; each keeps memory of its own.
    runtime.max_blocking_threads(MAX_BLOCKING);
    let runtime = runtime.enable_all().build().map_err(|error| error.to_string())?;
    // A handle outside the runtime: closing the store joins its threads, which must not happen on an async worker.
    let last = store.clone();
    let result = runtime.block_on(serve(store, &settings));
    drop(runtime);
    drop(last);
    result
}

async fn serve(store: kindstore::Store, settings: &Settings) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("cannot serve {}: {error}", settings.listen);
    let server = Server::bind(store, settings).await.map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    if let Err(error) = announce(&server, settings) {
        // Whoever started the server may have closed its output; that is no reason not to serve.
        tracing::debug!(%error, "the address could not be printed");
    }
    server
        .run(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            tracing::info!("stopping; another Ctrl-C stops at once");
            tokio::spawn(async {
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(130);
                }
            });
        })
        .await;
    Ok(())
}

/// Prints where the server is, for people and for scripts that wait for it.
fn announce(server: &Server, settings: &Settings) -> std::io::Result<()> {
    let address = server.address();
    let store = match &settings.store {
        StoreAddress::Memory => "in memory, gone when the server stops".to_owned(),
        StoreAddress::Sled(path) => path.display().to_string(),
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "kindstore {} is ready", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  REST    http://{address}/api/v1/namespaces/default/deployments")?;
    writeln!(out, "  gRPC    {address} (kindstore.v1.ResourceService)")?;
    writeln!(out, "  pages   http://{address}/swagger")?;
    if settings.app_dir.is_some() {
        writeln!(out, "  app     http://{address}/app/")?;
    }
    writeln!(out, "  status  http://{address}/api/v1/status")?;
    writeln!(out, "  store   {store}")?;
    out.flush()
}

fn start_log() {
    let filter = EnvFilter::try_from_env("KINDSTORE_LOG").unwrap_or_else(|_| EnvFilter::new("info,sled=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("KINDSTORE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()).init();
    }
}
