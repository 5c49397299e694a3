//! The settings of a server, and those of the store that it serves.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;
use http::uri::Authority;
use kindstore::backend::{SledBackend, SledOptions};
use kindstore::manifest::{Format, Limits};
use kindstore::{Error, Json, OpenError, Retention, Store, StoreBuilder};

use crate::budget::MIN_BYTES;

/// The settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The address to listen on; port 0 for any that is free.
    pub listen: SocketAddr,
    /// Whether to serve an address beyond loopback although there is no access control.
    pub allow_remote: bool,
    /// The folder with the files of the web app at `/app`, read once, at start.
    pub app_dir: Option<PathBuf>,
    /// The origins whose pages may call the API, such as `https://tools.example.org`; none by default.
    pub cors_origins: Vec<String>,
    /// Whether the process is to take little memory rather than be fast. The program that chooses the allocator goes by it.
    pub low_memory: bool,
    /// The version that the system information names, for clients that compare it; this program's own, without one.
    pub build_version: Option<String>,
    /// How long a write may take before the server answers that its outcome is unknown.
    pub write_wait: Duration,
    /// How long a client may leave an answer untaken before the server drops it.
    pub stall_wait: Duration,
    /// How long an HTTP/2 connection may be without a request before the server closes it.
    pub idle_wait: Duration,
    /// How many bytes all requests in flight may hold together, at least 60 MiB.
    pub request_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            allow_remote: false,
            app_dir: None,
            cors_origins: Vec::new(),
            low_memory: false,
            build_version: None,
            write_wait: Duration::from_secs(30),
            stall_wait: Duration::from_secs(30),
            idle_wait: Duration::from_secs(300),
            request_bytes: 64 << 20,
        }
    }
}

/// The default settings with this address.
impl From<SocketAddr> for Settings {
    fn from(listen: SocketAddr) -> Self {
        Self { listen, ..Self::default() }
    }
}

/// The default settings with this address, given as `([127, 0, 0, 1], 8080)`.
impl From<([u8; 4], u16)> for Settings {
    fn from(address: ([u8; 4], u16)) -> Self {
        SocketAddr::from(address).into()
    }
}

/// How the store of a server is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Where the store is.
    pub address: StoreAddress,
    /// Whether to keep secrets in clear.
    pub plain_secrets: bool,
    /// A file with global defaults: documents of the kinds that show them.
    pub defaults: Option<PathBuf>,
    /// The memory for the cache of a store on disk, in bytes.
    pub cache_bytes: u64,
    /// How long history is kept.
    pub retention: Retention,
}

impl StoreSettings {
    /// The memory for the cache of a server that is to take little, in bytes.
    pub const LOW_CACHE_BYTES: u64 = 128 << 20;
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            address: StoreAddress::Memory,
            plain_secrets: false,
            defaults: None,
            cache_bytes: SledOptions::default().cache_bytes,
            retention: Retention::default(),
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

/// Settings that make no sense.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The address of the store is invalid.
    #[error("invalid store {0:?}; use sled:PATH or memory:")]
    Store(String),
    /// The file cannot be read.
    #[error("the settings file {path}: {why}")]
    File {
        /// The file.
        path: String,
        /// The error.
        why: String,
    },
    /// The cache has no size.
    #[error("the cache must have at least 1 MiB")]
    Cache,
    /// The budget of requests has no place for the largest.
    #[error("the requests in flight must have at least {} MiB", MIN_BYTES >> 20)]
    Requests,
    /// An origin is none that a browser sends.
    #[error("invalid origin {0:?}; use scheme, host and port such as https://tools.example.org, without a path")]
    Origin(String),
    /// Every origin is meant.
    #[error(
        "any origin cannot be allowed, since there is no access control; list each, such as https://tools.example.org"
    )]
    AnyOrigin,
    /// An address cannot be read.
    #[error("invalid address {0:?}; use HOST:PORT such as 127.0.0.1:8080")]
    Address(String),
}

impl Settings {
    /// Returns the origins as browsers send them.
    ///
    /// # Errors
    /// An origin that no browser sends, and `*`.
    pub(crate) fn origins(&self) -> Result<Vec<HeaderValue>, SettingsError> {
        self.cors_origins.iter().map(|text| origin(text)).collect()
    }
}

/// An origin in the form that browsers send: in lower case, and without the usual port (RFC 6454, section 6.2).
fn origin(text: &str) -> Result<HeaderValue, SettingsError> {
    // Without access control every page that anybody visits could change everything.
    if text.trim() == "*" {
        return Err(SettingsError::AnyOrigin);
    }
    let wrong = || SettingsError::Origin(text.to_owned());
    let (scheme, authority) = text.split_once("://").ok_or_else(wrong)?;
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let authority: Authority = authority.to_ascii_lowercase().parse().map_err(|_| wrong())?;
    let has_port = authority.as_str().len() > authority.host().len();
    if !is_scheme
        || authority.host().contains('*')
        || authority.as_str().contains('@')
        || has_port && authority.port_u16().is_none()
    {
        return Err(wrong());
    }
    let usual = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port =
        authority.port_u16().filter(|port| Some(*port) != usual).map(|port| format!(":{port}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{scheme}://{}{port}", authority.host())).map_err(|_| wrong())
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

impl StoreSettings {
    /// Opens the store.
    ///
    /// # Errors
    /// `Open`, with the folder and the fix.
    pub fn open(&self) -> kindstore::Result<Store> {
        let mut builder = Store::builder().plain_secrets(self.plain_secrets).retention(self.retention);
        if let Some(file) = &self.defaults {
            builder = global_defaults(builder, file).map_err(|why| Error::Open(OpenError::Settings(why)))?;
        }
        match &self.address {
            StoreAddress::Memory => builder.open(),
            StoreAddress::Sled(path) => {
                let mut options = SledOptions::default();
                options.cache_bytes = self.cache_bytes;
                builder.backend(Arc::new(SledBackend::open(path, options)?)).open()
            }
        }
    }
}

/// A builder with the global defaults of a file.
fn global_defaults(mut builder: StoreBuilder, file: &Path) -> Result<StoreBuilder, String> {
    let name = file.display();
    let text = std::fs::read(file).map_err(|error| format!("the defaults {name} cannot be read: {error}"))?;
    let documents = kindstore::manifest::read_all(&text, Format::Yaml, &Limits::default());
    for document in documents.map_err(|error| format!("the defaults {name}: {error}"))? {
        let kind = document.value.get("kind").and_then(Json::as_str).unwrap_or_default().to_owned();
        builder = builder.global_defaults(&kind, document.value);
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_that_a_browser_sends() {
        for (text, expected) in [
            ("https://tools.example.org", Some("https://tools.example.org")),
            ("http://localhost:5173", Some("http://localhost:5173")),
            ("HTTPS://Tools.Example.ORG:443", Some("https://tools.example.org")),
            ("http://[::1]:80", Some("http://[::1]")),
            ("chrome-extension://abcdef", Some("chrome-extension://abcdef")),
            ("*", None),
            ("null", None),
            ("", None),
            ("a b", None),
            ("tools.example.org", None),
            ("https://", None),
            ("https://a/x", None),
            ("https://a/", None),
            ("https://a?b", None),
            ("https://a b", None),
            ("https://u@a", None),
            ("https://*.example.org", None),
            ("https://a:99999", None),
            ("https://a:", None),
            ("1x://a", None),
        ] {
            assert_eq!(origin(text).ok().as_ref().and_then(|value| value.to_str().ok()), expected, "{text:?}");
        }
        assert!(origin("*").expect_err("too much").to_string().contains("list each"));
        assert!(origin("null").expect_err("none").to_string().contains("\"null\""));
    }
}
