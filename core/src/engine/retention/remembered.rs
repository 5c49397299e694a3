//! The limits of history that a store remembers: those that its keeper last ran it with. What has the store open for a
//! moment, such as an offline compaction, goes by them.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::policy::Retention;
use crate::backend::{Backend, Batch, Operation, settled};
use crate::engine::stored::key;
use crate::error::Result;

/// The limits as they are stored. Members that a later version adds are passed over.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    versions: u64,
    age_seconds: u64,
    revisions: u64,
    time_seconds: u64,
    /// Without a value as by default: earlier versions stored none.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store_bytes: Option<u64>,
}

/// Returns the limits that the store remembers, if it remembers any. Limits that cannot be read remove nothing.
pub(crate) fn remembered(backend: &dyn Backend) -> Result<Option<Retention>> {
    let stored = backend.get(&key::retention_mark())?;
    Ok(stored.map(|entry| Retention::decode(&entry.value).unwrap_or_else(Retention::forever)))
}

/// Remembers these limits.
pub(crate) fn remember(backend: &dyn Backend, limits: &Retention) -> Result<()> {
    // A store that remembers nothing has the default limits, so that most stores have no such record.
    if remembered(backend)?.unwrap_or_default() == limits.in_seconds() {
        return Ok(());
    }
    let operations = vec![Operation::Put(key::retention_mark(), limits.encode())];
    settled(backend.commit(Batch { preconditions: Vec::new(), operations }))
}

impl Retention {
    fn encode(&self) -> Bytes {
        let Self { versions, age, revisions, time, resource_bytes, store_bytes } = self.in_seconds();
        let stored = Stored {
            versions: versions as u64,
            age_seconds: age.as_secs(),
            revisions,
            time_seconds: time.as_secs(),
            resource_bytes: Some(resource_bytes).filter(|bytes| *bytes != Self::default().resource_bytes),
            store_bytes,
        };
        Bytes::from(json!(stored).to_string())
    }

    /// Reads stored limits; `None` for what are none.
    pub(crate) fn decode(text: &[u8]) -> Option<Self> {
        let Stored { versions, age_seconds, revisions, time_seconds, resource_bytes, store_bytes } =
            serde_json::from_slice(text).ok()?;
        Some(Self {
            versions: usize::try_from(versions).unwrap_or(usize::MAX),
            age: Duration::from_secs(age_seconds),
            revisions,
            time: Duration::from_secs(time_seconds),
            resource_bytes: resource_bytes.unwrap_or(Self::default().resource_bytes),
            store_bytes,
        })
    }

    /// Returns the limits as they are stored, in whole seconds: a started one counts whole.
    fn in_seconds(&self) -> Self {
        let whole =
            |time: Duration| Duration::from_secs(time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0)));
        Self { age: whole(self.age), time: whole(self.time), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::MemoryBackend;

    #[test]
    fn limits_are_read_as_they_were_stored_and_the_default_ones_need_no_record() -> Result<()> {
        let backend = MemoryBackend::new();
        remember(&backend, &Retention::default())?;
        assert_eq!((remembered(&backend)?, backend.revision()), (None, 0));
        let odd = Retention { age: Duration::from_millis(1_500), ..Retention::default().versions(60) };
        for limits in [Retention::forever(), odd, Retention::default()] {
            remember(&backend, &limits)?;
            assert_eq!(remembered(&backend)?, Some(limits.in_seconds()));
        }
        assert_eq!(odd.in_seconds().age, Duration::from_secs(2));
        let revision = backend.revision();
        remember(&backend, &Retention::default())?;
        assert_eq!(backend.revision(), revision, "the same limits are not stored again");
        Ok(())
    }

    #[test]
    fn limits_that_cannot_be_read_remove_nothing() -> Result<()> {
        for text in ["", "[]", "{\"versions\": -1, \"ageSeconds\": 1, \"revisions\": 1, \"timeSeconds\": 1}"] {
            let backend = MemoryBackend::new();
            let operations = vec![Operation::Put(key::retention_mark(), Bytes::from(text))];
            settled(backend.commit(Batch { preconditions: Vec::new(), operations }))?;
            assert_eq!(remembered(&backend)?, Some(Retention::forever()), "{text}");
        }
        Ok(())
    }
}
