//! What the server is told: by flags, else by environment variables, else by a file, else by default.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use kindstore::{Error, Format, Json, Limits, OpenError, Retention, SledBackend, SledOptions, Store, StoreBuilder};
use serde::Deserialize;

use crate::retention::RetentionArguments;

/// The settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The address that is served.
    pub listen: SocketAddr,
    /// Whether an address beyond loopback may be served without access control.
    pub allow_remote: bool,
    /// Where the store is.
    pub store: StoreAddress,
    /// Whether secrets may be kept in clear.
    pub plain_secrets: bool,
    /// A file with global defaults: documents of the kinds that show them.
    pub defaults: Option<PathBuf>,
    /// The folder with the files of the web app at `/app`.
    pub app_dir: Option<PathBuf>,
    /// The memory for the embedded store's cache, in bytes.
    pub cache_bytes: u64,
    /// How long the past is kept.
    pub retention: Retention,
    /// The origins whose pages may call the API, such as `https://tools.example.org`; none by default.
    pub cors_origins: Vec<String>,
    /// How long a write may take before its outcome is called unknown.
    pub write_wait: Duration,
    /// How long a client may take nothing of an answer that waits for it, before the answer is dropped.
    pub stall_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            allow_remote: false,
            store: StoreAddress::Memory,
            plain_secrets: false,
            defaults: None,
            app_dir: None,
            cache_bytes: SledOptions::default().cache_bytes,
            retention: Retention::default(),
            cors_origins: Vec::new(),
            write_wait: Duration::from_secs(30),
            stall_wait: Duration::from_secs(30),
        }
    }
}

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAddress {
    /// `memory:`, gone when the process ends.
    Memory,
    /// `sled:PATH`, a folder on disk.
    Sled(PathBuf),
}

/// The settings make no sense.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The store's address is none.
    #[error("{0:?} is no store; use sled:PATH or memory:")]
    Store(String),
    /// The file cannot be read.
    #[error("the settings file {path}: {why}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The cache has no size.
    #[error("a cache of 0 MiB is none; give it 1 MiB or more")]
    Cache,
    /// An address cannot be read.
    #[error("{0:?} is no address; use HOST:PORT such as 127.0.0.1:8080")]
    Address(String),
}

impl FromStr for StoreAddress {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(StoreAddress::Memory),
            Some(("sled", path)) if !path.is_empty() => Ok(StoreAddress::Sled(PathBuf::from(path))),
            _ => Err(SettingsError::Store(text.to_owned())),
        }
    }
}

/// The flags of `kindstore serve`. Each has an environment variable, and a member of the settings file by its long name in
/// camelCase.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServeArguments {
    /// A YAML file with settings: listen, dataDir, store, plainSecrets, defaults, appDir, allowRemote,
    /// cacheMegabytes, corsOrigins, historyVersions, historyDays, keepRevisions, keepMinutes
    #[arg(long, env = "KINDSTORE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address to serve [default: 127.0.0.1:8080]
    #[arg(long, env = "KINDSTORE_LISTEN", value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// The folder for everything that is kept [default: kindstore-data]
    #[arg(long, env = "KINDSTORE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where the store is: sled:PATH on disk, or memory: for the life of the process [default: sled:DIR/store]
    #[arg(long, env = "KINDSTORE_STORE", value_name = "ADDRESS")]
    pub store: Option<String>,
    /// Keep secret values in clear instead of refusing them; for tests and demonstrations
    #[arg(long, env = "KINDSTORE_PLAIN_SECRETS", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL",
          value_parser = clap::builder::BoolishValueParser::new())]
    pub plain_secrets: Option<bool>,
    /// A YAML file with global defaults: one document for each of GlobalDeploymentDefaults and
    /// GlobalSessionClusterDefaults
    #[arg(long, env = "KINDSTORE_DEFAULTS", value_name = "FILE")]
    pub defaults: Option<PathBuf>,
    /// The folder that the web app was built into, to serve it at /app; its files are read once, at start
    #[arg(long, env = "KINDSTORE_APP_DIR", value_name = "DIR")]
    pub app_dir: Option<PathBuf>,
    /// Serve an address beyond loopback although there is no access control
    #[arg(long, env = "KINDSTORE_ALLOW_REMOTE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL",
          value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_remote: Option<bool>,
    /// Memory for the cache of the store on disk; the process takes up to twice as much [default: 256]
    #[arg(long, env = "KINDSTORE_CACHE_MEGABYTES", value_name = "MIB")]
    pub cache_megabytes: Option<u64>,
    /// How long the past is kept.
    #[command(flatten)]
    pub retention: RetentionArguments,
    /// An origin whose pages may call the API, as scheme, host and port; can be given several times
    #[arg(long, env = "KINDSTORE_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origin: Vec<String>,
}

/// The members of the settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SettingsFile {
    history_versions: Option<usize>,
    history_days: Option<u32>,
    keep_revisions: Option<u64>,
    keep_minutes: Option<u32>,
    listen: Option<String>,
    data_dir: Option<PathBuf>,
    store: Option<String>,
    plain_secrets: Option<bool>,
    defaults: Option<PathBuf>,
    app_dir: Option<PathBuf>,
    allow_remote: Option<bool>,
    cache_megabytes: Option<u64>,
    cors_origins: Vec<String>,
}

impl ServeArguments {
    /// The settings that flags, environment, file and defaults make together.
    ///
    /// # Errors
    /// What makes no sense, with the value and the way out.
    pub fn settings(self) -> Result<Settings, SettingsError> {
        let file = self.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let defaults = Settings::default();
        let SettingsFile { history_versions, history_days, keep_revisions, keep_minutes, .. } = file;
        let kept = RetentionArguments { history_versions, history_days, keep_revisions, keep_minutes };
        let data_dir = self.data_dir.or(file.data_dir).unwrap_or_else(|| PathBuf::from("kindstore-data"));
        let listen = match self.listen.or(file.listen) {
            Some(text) => address(&text).ok_or(SettingsError::Address(text))?,
            None => defaults.listen,
        };
        let store = match self.store.or(file.store) {
            Some(text) => text.parse()?,
            None => StoreAddress::Sled(data_dir.join("store")),
        };
        let megabytes = self.cache_megabytes.or(file.cache_megabytes);
        if megabytes == Some(0) {
            return Err(SettingsError::Cache);
        }
        Ok(Settings {
            listen,
            allow_remote: self.allow_remote.or(file.allow_remote).unwrap_or(defaults.allow_remote),
            store,
            plain_secrets: self.plain_secrets.or(file.plain_secrets).unwrap_or(defaults.plain_secrets),
            defaults: self.defaults.or(file.defaults),
            app_dir: self.app_dir.or(file.app_dir),
            cache_bytes: megabytes.map_or(defaults.cache_bytes, |megabytes| megabytes.saturating_mul(1 << 20)),
            retention: self.retention.or(kept).retention(),
            cors_origins: if self.cors_origin.is_empty() { file.cors_origins } else { self.cors_origin },
            write_wait: defaults.write_wait,
            stall_wait: defaults.stall_wait,
        })
    }
}

impl Settings {
    /// Opens the store that the settings name.
    ///
    /// # Errors
    /// `Open`, with the folder and the way out.
    pub fn open_store(&self) -> kindstore::Result<Store> {
        let mut builder = Store::builder().plain_secrets(self.plain_secrets).retention(self.retention);
        if let Some(file) = &self.defaults {
            builder = global_defaults(builder, file).map_err(|why| Error::Open(OpenError::Settings(why)))?;
        }
        match &self.store {
            StoreAddress::Memory => builder.open(),
            StoreAddress::Sled(path) => {
                let mut options = SledOptions::default();
                options.cache_bytes = self.cache_bytes;
                builder.backend(std::sync::Arc::new(SledBackend::open(path, options)?)).open()
            }
        }
    }
}

/// A builder with the global defaults of a file.
fn global_defaults(mut builder: StoreBuilder, file: &Path) -> Result<StoreBuilder, String> {
    let name = file.display();
    let text = std::fs::read(file).map_err(|error| format!("the defaults {name} cannot be read: {error}"))?;
    let documents = kindstore::read_all(&text, Format::Yaml, &Limits::default());
    for document in documents.map_err(|error| format!("the defaults {name}: {error}"))? {
        let kind = document.value.get("kind").and_then(Json::as_str).unwrap_or_default().to_owned();
        builder = builder.global_defaults(&kind, document.value);
    }
    Ok(builder)
}

/// The first address that a host and port stand for.
fn address(text: &str) -> Option<SocketAddr> {
    text.to_socket_addrs().ok()?.next()
}

fn read_file(path: &Path) -> Result<SettingsFile, SettingsError> {
    let wrong = |why: String| SettingsError::File { path: path.display().to_string(), why };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if text.trim().is_empty() {
        return Ok(SettingsFile::default());
    }
    serde_yaml::from_str(&text).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.yaml");
        std::fs::write(&file, "listen: 127.0.0.1:9999\nstore: 'memory:'\nplainSecrets: true\nappDir: web\n")
            .expect("written");
        let flags = ServeArguments {
            config: Some(file),
            listen: Some("127.0.0.1:7777".to_owned()),
            ..ServeArguments::default()
        };
        let settings = flags.settings().expect("sensible");
        assert_eq!(settings.listen.port(), 7777);
        assert_eq!(settings.app_dir, Some(PathBuf::from("web")));
        assert_eq!((settings.store, settings.plain_secrets), (StoreAddress::Memory, true));
        assert_eq!(ServeArguments::default().settings().expect("sensible").listen.port(), 8080);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let store = ServeArguments { store: Some("redis:".to_owned()), ..ServeArguments::default() };
        assert!(store.settings().expect_err("no store").to_string().contains("redis:"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.yaml");
        std::fs::write(&file, "lisen: x\n").expect("written");
        let flags = ServeArguments { config: Some(file), ..ServeArguments::default() };
        assert!(flags.settings().expect_err("a typo").to_string().contains("lisen"));
    }
}
