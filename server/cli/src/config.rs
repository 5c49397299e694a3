//! The file of contexts: which store to talk to, and in which namespace, by a name.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::failure::{Failure, Result};

/// The contexts of a user, and which of them is meant when none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current_context: Option<String>,
    pub(crate) contexts: Vec<Context>,
}

/// One way to one store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Context {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
}

/// The file that is meant when none is named: `$XDG_CONFIG_HOME/kindstore/config.yaml`.
pub(crate) fn default_path() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("kindstore").join("config.yaml"))
}

/// Reads the file; one that is not there has no contexts.
pub(crate) fn read(path: &Path) -> Result<Config> {
    let wrong = |why: String| Failure::usage(format!("the contexts in {} cannot be read: {why}", path.display()));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        // No file is the usual case: contexts are optional.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(wrong(error.to_string())),
    };
    if text.trim().is_empty() {
        return Ok(Config::default());
    }
    // Unknown members are refused: a misspelt `server` would send commands to the default one.
    serde_yaml::from_str(&text).map_err(|error| wrong(error.to_string()))
}

/// Replaces the file in one step.
// Another command may read it at the same time, and must not see half of it.
pub(crate) fn write(path: &Path, config: &Config) -> Result<()> {
    let wrong = |why: String| Failure::refused(format!("the contexts cannot be written to {}: {why}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
    // Beside the old file, since a rename works on one file system only.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| wrong(error.to_string()))?;
    std::io::Write::write_all(&mut file, to_yaml(config).as_bytes()).map_err(|error| wrong(error.to_string()))?;
    file.persist(path).map(drop).map_err(|error| wrong(error.to_string()))
}

/// The contexts as the file has them.
pub(crate) fn to_yaml(config: &Config) -> String {
    serde_json::to_value(config).map(|value| kindstore::manifest::to_yaml(&value.into())).unwrap_or_default()
}

impl Config {
    /// The context of that name.
    pub(crate) fn context(&self, name: &str) -> Result<&Context> {
        self.contexts.iter().find(|context| context.name == name).ok_or_else(|| {
            let names: Vec<_> = self.contexts.iter().map(|context| context.name.as_str()).collect();
            let hint = match names.is_empty() {
                true => "make one with `kindstore config set-context NAME --server URL`".to_owned(),
                false => format!("the contexts are {}", names.join(", ")),
            };
            Failure::usage(format!("there is no context {name:?}")).hint(hint)
        })
    }
}
