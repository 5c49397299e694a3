//! The stored form of the engine's state: which keys there are, and how the values under them are written and read.
//! Nothing here reads or writes a backend, but that its format is raised.

mod collection;
pub(crate) mod document;
mod entry;
pub(crate) mod format;
pub(crate) mod key;
pub(crate) mod record;
pub(crate) mod reference;
pub(crate) mod tombstone;
pub(crate) mod version;

pub(crate) use self::collection::CollectionRef;
pub(crate) use self::entry::Stored;
pub(crate) use self::record::Record;
#[cfg(feature = "__fuzzing")]
pub use self::record::fuzz_record;
pub(crate) use self::tombstone::Tombstone;
pub(crate) use self::version::SupersededVersion;
