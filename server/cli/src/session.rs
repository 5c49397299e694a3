//! One run of a command: its options, where it prints, and the store it talks to, opened when it is needed.

use std::path::PathBuf;
use std::time::Duration;

use kindstore::store::CheckReport;
use kindstore_server::StoreAddress;

use super::access::Access;
use super::config::{self, Config, Context};
use super::console::Console;
use super::failure::{Failure, Result};
use super::globals::Globals;
use super::kind::Kinds;
use super::local::{self, Local, Opening};
use super::remote::Remote;

/// The server without any option or context.
const SERVER: &str = "http://127.0.0.1:8080";

/// The timeout without an option.
// Longer than a server waits for a write, so that the server reports the outcome and not this program a timeout.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Whether a command may make a store that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
    /// As a write, and nothing is stored.
    Rehearse,
}

impl Purpose {
    /// The purpose of a command that writes.
    pub(crate) fn of_write(is_dry_run: bool) -> Self {
        if is_dry_run { Purpose::Rehearse } else { Purpose::Write }
    }
}

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Server(String),
    Store(String),
}

/// One run of a command.
pub(crate) struct Session {
    pub(crate) console: Console,
    pub(crate) globals: Globals,
}

/// A store that was opened, with its kinds.
pub(crate) struct Opened {
    pub(crate) access: Box<dyn Access>,
    pub(crate) kinds: Kinds,
}

impl Session {
    pub(crate) fn new(globals: Globals) -> Self {
        Self { console: Console::new(globals.color.unwrap_or_default()), globals }
    }

    /// Opens the store that options, environment and context name.
    pub(crate) fn open(&self, purpose: Purpose) -> Result<Opened> {
        let access: Box<dyn Access> = match self.place()? {
            Place::Server(url) => Box::new(Remote::connect(&url, self.globals.timeout.unwrap_or(TIMEOUT))?),
            Place::Store(address) => Box::new(Local::open(&self.opening(&address, purpose)?)?),
        };
        // Words are resolved by the kinds of the store, which may be newer than this program.
        let kinds = access.kinds()?;
        Ok(Opened { access, kinds })
    }

    /// Checks the store in a folder of this machine.
    pub(crate) fn check(&self) -> Result<CheckReport> {
        match self.place()? {
            Place::Store(address) => local::check(&self.opening(&address, Purpose::Read)?),
            Place::Server(_) => Err(Failure::usage("only a data folder of this machine can be checked")
                .hint("stop the server and name its folder: --store sled:PATH")),
        }
    }

    /// How the folder of a store is opened that is to be compacted.
    pub(crate) fn compacting(&self) -> Result<Opening> {
        match self.place()? {
            Place::Store(address) => self.opening(&address, Purpose::Read),
            Place::Server(_) => Err(Failure::usage("only a data folder of this machine can be compacted")
                .hint("stop the server and name its folder: --store sled:PATH")),
        }
    }

    fn opening(&self, address: &str, purpose: Purpose) -> Result<Opening> {
        let address = address.parse();
        let address = address.map_err(|error: kindstore_server::SettingsError| Failure::usage(error.to_string()))?;
        let (plain_secrets, may_create) = (self.globals.plain_secrets, purpose != Purpose::Read);
        // A dry run makes no store either: one in memory is as empty as the one that it would make.
        let address = match address {
            StoreAddress::Sled(folder) if purpose == Purpose::Rehearse && local::holds_nothing(&folder) => {
                StoreAddress::Memory
            }
            address => address,
        };
        Ok(Opening { address, plain_secrets, may_create })
    }

    /// Whether options, environment or context name a store.
    pub(crate) fn has_place(&self) -> Result<bool> {
        let is_set = || std::env::var("KINDSTORE_SERVER").is_ok_and(|server| !server.is_empty());
        if self.globals.server.is_some() || self.globals.store.is_some() || is_set() {
            return Ok(true);
        }
        Ok(self.context()?.is_some_and(|context| context.server.is_some() || context.store.is_some()))
    }

    /// Where the store is: by an option, else by the context that is named, else by the environment, else by the current
    /// context.
    fn place(&self) -> Result<Place> {
        // An option is what the person just typed, and beats all that was set up before.
        if let Some(server) = &self.globals.server {
            return Ok(Place::Server(server.clone()));
        }
        if let Some(store) = &self.globals.store {
            return Ok(Place::Store(store.clone()));
        }
        let from_environment = std::env::var("KINDSTORE_SERVER").ok().filter(|server| !server.is_empty());
        // A context that is named on the command line beats the environment; the current one of the file does not.
        if let (None, Some(server)) = (&self.globals.context, from_environment) {
            return Ok(Place::Server(server));
        }
        match self.context()? {
            Some(Context { server: Some(_), store: Some(_), name, .. }) => {
                Err(Failure::usage(format!("the context {name:?} names a server and a store; keep one of them")))
            }
            Some(Context { server: Some(server), .. }) => Ok(Place::Server(server)),
            Some(Context { store: Some(store), .. }) => Ok(Place::Store(store)),
            _ => Ok(Place::Server(SERVER.to_owned())),
        }
    }

    /// The namespace that is meant when a document names none.
    pub(crate) fn namespace(&self) -> Result<String> {
        if let Some(namespace) = &self.globals.namespace {
            return Ok(namespace.clone());
        }
        Ok(self.context()?.and_then(|context| context.namespace).unwrap_or_else(|| "default".to_owned()))
    }

    fn context(&self) -> Result<Option<Context>> {
        let config = self.config()?;
        let name = self.globals.context.as_ref().or(config.current_context.as_ref());
        name.map(|name| config.context(name).cloned()).transpose()
    }

    /// The contexts there are.
    pub(crate) fn config(&self) -> Result<Config> {
        self.config_path().map_or_else(|| Ok(Config::default()), |path| config::read(&path))
    }

    /// Where the contexts are kept, if anywhere.
    pub(crate) fn config_path(&self) -> Option<PathBuf> {
        let named = || std::env::var_os("KINDSTORE_CLI_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.globals.config_file.clone().or_else(named).or_else(config::default_path)
    }
}
