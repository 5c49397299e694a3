//! The settings of a server as flags, else environment variables, else members of a file, else defaults.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kindstore::Retention;
use serde::Deserialize;

use crate::budget::MIN_BYTES;
use crate::settings::{Settings, SettingsError, StoreAddress, StoreSettings};

/// The flags of `kindstore serve`. Each has an environment variable, and a member of the settings file by its long name in
/// camelCase.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServeArguments {
    /// A YAML file with settings: listen, dataDir, store, plainSecrets, defaults, appDir, allowRemote,
    /// cacheMegabytes, lowMemory, requestMegabytes, corsOrigins, buildVersion, historyVersions, historyDays,
    /// keepRevisions, keepMinutes, historyMegabytes, historyResourceMegabytes
    #[arg(long, env = "KINDSTORE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address to serve [default: 127.0.0.1:8080]
    #[arg(long, env = "KINDSTORE_LISTEN", value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// The folder for the store [default: kindstore-data]
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
    /// The folder of the built web app, to serve it at /app; its files are read once, at start
    #[arg(long, env = "KINDSTORE_APP_DIR", value_name = "DIR")]
    pub app_dir: Option<PathBuf>,
    /// Serve an address beyond loopback although there is no access control
    #[arg(long, env = "KINDSTORE_ALLOW_REMOTE", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL",
          value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_remote: Option<bool>,
    /// Memory for the cache of the store on disk; the process takes up to twice as much [default: 256]
    #[arg(long, env = "KINDSTORE_CACHE_MEGABYTES", value_name = "MIB")]
    pub cache_megabytes: Option<u64>,
    /// Take less memory, for up to a fifth more processor time; the cache has 128 MiB unless it is given
    #[arg(long, env = "KINDSTORE_LOW_MEMORY", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL",
          value_parser = clap::builder::BoolishValueParser::new())]
    pub low_memory: Option<bool>,
    /// Memory for the messages of all requests in flight together; what does not fit waits, and then is refused
    /// [default: 64]
    #[arg(long, env = "KINDSTORE_REQUEST_MEGABYTES", value_name = "MIB")]
    pub request_megabytes: Option<u64>,
    /// How long the past is kept.
    #[command(flatten)]
    pub retention: RetentionArguments,
    /// The version that /api/v1/status/system-info names, for clients that compare it [default: kindstore's own]
    #[arg(long, env = "KINDSTORE_BUILD_VERSION", value_name = "VERSION")]
    pub build_version: Option<String>,
    /// An origin whose pages may call the API, as scheme, host and port; can be given several times
    #[arg(long, env = "KINDSTORE_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub cors_origin: Vec<String>,
}

/// Flags and members of the same names; one that is not given has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct RetentionArguments {
    /// Versions that are kept of each resource, beside the newest; versions of the status do not count [default: 10]
    #[arg(long, env = "KINDSTORE_HISTORY_VERSIONS", value_name = "COUNT")]
    pub history_versions: Option<usize>,
    /// Days that old versions and deleted resources are kept [default: 30]
    #[arg(long, env = "KINDSTORE_HISTORY_DAYS", value_name = "DAYS")]
    pub history_days: Option<u32>,
    /// Newest commits that watches can go on from and lists can be read at [default: 100000]
    #[arg(long, env = "KINDSTORE_KEEP_REVISIONS", value_name = "COUNT")]
    pub keep_revisions: Option<u64>,
    /// Minutes that newer commits stay readable, if there are not too many of them [default: 60]
    #[arg(long, env = "KINDSTORE_KEEP_MINUTES", value_name = "MINUTES")]
    pub keep_minutes: Option<u32>,
    /// Space for all superseded versions; wins over all other limits [default: a quarter of the volume, at most 10240]
    #[arg(long, env = "KINDSTORE_HISTORY_MEGABYTES", value_name = "MIB")]
    pub history_megabytes: Option<u64>,
    /// Space for the superseded versions of one resource; wins over all other limits [default: 16]
    #[arg(long, env = "KINDSTORE_HISTORY_RESOURCE_MEGABYTES", value_name = "MIB")]
    pub history_resource_megabytes: Option<u64>,
}

impl RetentionArguments {
    /// Returns these, and others where they are not given.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            history_versions: self.history_versions.or(other.history_versions),
            history_days: self.history_days.or(other.history_days),
            keep_revisions: self.keep_revisions.or(other.keep_revisions),
            keep_minutes: self.keep_minutes.or(other.keep_minutes),
            history_megabytes: self.history_megabytes.or(other.history_megabytes),
            history_resource_megabytes: self.history_resource_megabytes.or(other.history_resource_megabytes),
        }
    }

    /// Returns the retention that they make with the defaults.
    pub fn retention(self) -> Retention {
        self.over(Retention::default())
    }

    /// Returns the limits that they make where they are given, and others elsewhere.
    #[must_use]
    pub fn over(self, mut retention: Retention) -> Retention {
        retention.versions = self.history_versions.unwrap_or(retention.versions);
        retention.age =
            self.history_days.map_or(retention.age, |days| Duration::from_secs(24 * 3600 * u64::from(days)));
        retention.revisions = self.keep_revisions.unwrap_or(retention.revisions);
        retention.time =
            self.keep_minutes.map_or(retention.time, |minutes| Duration::from_secs(60 * u64::from(minutes)));
        let bytes = |megabytes: u64| megabytes.saturating_mul(1 << 20);
        retention.store_bytes = self.history_megabytes.map(bytes).or(retention.store_bytes);
        retention.resource_bytes = self.history_resource_megabytes.map_or(retention.resource_bytes, bytes);
        retention
    }
}

/// The members of the settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SettingsFile {
    history_versions: Option<usize>,
    history_days: Option<u32>,
    keep_revisions: Option<u64>,
    keep_minutes: Option<u32>,
    history_megabytes: Option<u64>,
    history_resource_megabytes: Option<u64>,
    listen: Option<String>,
    data_dir: Option<PathBuf>,
    store: Option<String>,
    plain_secrets: Option<bool>,
    defaults: Option<PathBuf>,
    app_dir: Option<PathBuf>,
    allow_remote: Option<bool>,
    cache_megabytes: Option<u64>,
    low_memory: Option<bool>,
    request_megabytes: Option<u64>,
    cors_origins: Vec<String>,
    build_version: Option<String>,
}

impl ServeArguments {
    /// Returns the settings of the server and of its store: flags before environment before file before defaults.
    ///
    /// # Errors
    /// A value that makes no sense, with the fix.
    pub fn settings(self) -> Result<(Settings, StoreSettings), SettingsError> {
        let file = self.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let defaults = Settings::default();
        let kept = RetentionArguments {
            history_versions: file.history_versions,
            history_days: file.history_days,
            keep_revisions: file.keep_revisions,
            keep_minutes: file.keep_minutes,
            history_megabytes: file.history_megabytes,
            history_resource_megabytes: file.history_resource_megabytes,
        };
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
        let low_memory = self.low_memory.or(file.low_memory).unwrap_or_default();
        let cache_bytes =
            if low_memory { StoreSettings::LOW_CACHE_BYTES } else { StoreSettings::default().cache_bytes };
        let request_bytes = match self.request_megabytes.or(file.request_megabytes) {
            None => defaults.request_bytes,
            Some(megabytes) => usize::try_from(megabytes.saturating_mul(1 << 20)).unwrap_or(usize::MAX),
        };
        if request_bytes < MIN_BYTES {
            return Err(SettingsError::Requests);
        }
        let store = StoreSettings {
            address: store,
            plain_secrets: self.plain_secrets.or(file.plain_secrets).unwrap_or_default(),
            defaults: self.defaults.or(file.defaults),
            cache_bytes: megabytes.map_or(cache_bytes, |megabytes| megabytes.saturating_mul(1 << 20)),
            retention: self.retention.or(kept).retention(),
        };
        let settings = Settings {
            listen,
            allow_remote: self.allow_remote.or(file.allow_remote).unwrap_or(defaults.allow_remote),
            app_dir: self.app_dir.or(file.app_dir),
            low_memory,
            cors_origins: if self.cors_origin.is_empty() { file.cors_origins } else { self.cors_origin },
            build_version: self.build_version.or(file.build_version).filter(|version| !version.is_empty()),
            request_bytes,
            ..defaults
        };
        // Before a store is opened for nothing.
        settings.origins()?;
        Ok((settings, store))
    }
}

/// The first address that a host and port stand for.
fn address(text: &str) -> Option<SocketAddr> {
    // A name may stand for several addresses. Only the first is served: the announced one must be the only one.
    text.to_socket_addrs().ok()?.next()
}

fn read_file(path: &Path) -> Result<SettingsFile, SettingsError> {
    let wrong = |why: String| SettingsError::File { path: path.display().to_string(), why };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    // An empty YAML text is null and no object, and sets nothing.
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
        std::fs::write(
            &file,
            "listen: 127.0.0.1:9999\nstore: 'memory:'\nplainSecrets: true\nappDir: web\nbuildVersion: 2.6.1\n",
        )
        .expect("written");
        let flags = ServeArguments {
            config: Some(file),
            listen: Some("127.0.0.1:7777".to_owned()),
            ..ServeArguments::default()
        };
        let (settings, store) = flags.settings().expect("sensible");
        assert_eq!(settings.listen.port(), 7777);
        assert_eq!(settings.app_dir, Some(PathBuf::from("web")));
        assert_eq!(settings.build_version.as_deref(), Some("2.6.1"));
        assert_eq!((store.address, store.plain_secrets), (StoreAddress::Memory, true));
        assert_eq!(ServeArguments::default().settings().expect("sensible").0.listen.port(), 8080);
    }

    #[test]
    fn low_memory_makes_the_cache_small_unless_its_size_is_given() {
        let cache = |cache_megabytes| {
            let flags = ServeArguments { low_memory: Some(true), cache_megabytes, ..ServeArguments::default() };
            let (settings, store) = flags.settings().expect("sensible");
            (settings.low_memory, store.cache_bytes >> 20)
        };
        assert_eq!((cache(None), cache(Some(100))), ((true, 128), (true, 100)));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let store = ServeArguments { store: Some("redis:".to_owned()), ..ServeArguments::default() };
        assert!(store.settings().expect_err("no store").to_string().contains("redis:"));
        let origins = ServeArguments { cors_origin: vec!["*".to_owned()], ..ServeArguments::default() };
        assert!(origins.settings().expect_err("every page").to_string().contains("any origin cannot be allowed"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.yaml");
        std::fs::write(&file, "lisen: x\n").expect("written");
        let flags = ServeArguments { config: Some(file), ..ServeArguments::default() };
        assert!(flags.settings().expect_err("a typo").to_string().contains("lisen"));
    }
}
