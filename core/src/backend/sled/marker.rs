//! The marker file of a store's folder: that it is ours, its format, and how it was left.

use std::io;

use serde::{Deserialize, Serialize};

use super::super::Revision;
use super::directory::Directory;
use crate::error::OpenError;

pub(super) const MARKER: &str = "kindstore.marker";

/// The format of a new folder.
pub(super) const FIRST_FORMAT: u32 = 1;

/// The newest format of a folder that this program reads.
const FORMAT: u32 = 2;
const MAGIC: &str = "kindstore";

/// How a folder was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    /// The format of what is stored: 2 once a value is there that format 1 does not have, so that programs which know no
    /// higher format refuse the folder by name.
    pub(super) format: u32,
    /// Whether it was closed in order; if so, nothing was written since.
    pub(super) clean: bool,
    /// A revision that was on stable storage.
    pub(super) durable: Revision,
    /// The newest revision that a reader may have seen although no sync vouched for it. It is never given out again.
    pub(super) used: Revision,
    /// The fingerprint of sled's files, if it was closed in order and one was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<u32>,
}

#[derive(Deserialize)]
struct Title {
    magic: String,
    format: u32,
}

#[derive(Serialize)]
struct Whole {
    magic: &'static str,
    #[serde(flatten)]
    marker: Marker,
}

impl Default for Marker {
    fn default() -> Self {
        Self { format: FIRST_FORMAT, clean: false, durable: 0, used: 0, fingerprint: None }
    }
}

impl Marker {
    /// The marker of a folder, `None` when it has none.
    pub(super) fn read(folder: &Directory) -> Result<Option<Self>, OpenError> {
        let path = folder.path().display().to_string();
        let text = match folder.read(MARKER) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(None),
            Err(error) => return Err(OpenError::Io { path, why: error.to_string() }),
        };
        let damaged = |error: serde_json::Error| OpenError::Damaged {
            path: path.clone(),
            why: format!("its marker file cannot be read: {error}"),
        };
        let title: Title = serde_json::from_slice(&text).map_err(damaged)?;
        match title {
            Title { magic, .. } if magic != MAGIC => Err(OpenError::Foreign { path }),
            Title { format, .. } if format > FORMAT => {
                Err(OpenError::NewerFormat { path, found: format, known: FORMAT })
            }
            _ => Ok(Some(serde_json::from_slice(&text).map_err(damaged)?)),
        }
    }

    /// Replaces the marker of a folder, durably: after a crash there is the old one or this one.
    pub(super) fn write(self, folder: &Directory) -> io::Result<()> {
        let whole = Whole { magic: MAGIC, marker: self };
        let mut text = serde_json::to_vec(&whole)?;
        text.push(b'\n');
        folder.replace(MARKER, &text)
    }
}
