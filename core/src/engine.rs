//! The engine: the only place where rules and backend meet. It contains order, not opinions.
//!
//! Its layers, from the bottom: `stored` is the form of everything in the backend, `filter` and `index` select, `read` reads,
//! `retention` and `check` look after what is stored, `write` writes, `transaction`, `simulate` and `watch` build on these,
//! `open` prepares a store, and `store` is its public face. A layer uses those before it.

#[cfg(not(target_family = "wasm"))]
mod background;
mod check;
mod clock;
mod filter;
mod index;
mod open;
mod read;
mod retention;
mod simulate;
mod store;
mod stored;
#[cfg(test)]
mod tests;
mod transaction;
mod watch;
mod write;

pub use self::check::{CheckReport, Flaw};
pub use self::clock::{Clock, IdSource};
pub use self::read::{
    Comparison, ContinueToken, History, HistoryOptions, HistoryPage, HistoryToken, List, ListOptions, Version,
};
pub use self::retention::{Compaction, Retention};
pub use self::simulate::{SimulateError, SimulateOptions, simulate_patch};
pub use self::store::{
    Collection, GetOptions, Health, HistoryLag, HistoryQuery, IndexState, Items, ListQuery, Operation, Resource, Store,
    StoreBuilder, Transaction, WatchQuery, Write,
};
#[cfg(feature = "__fuzzing")]
pub use self::stored::fuzz_record;
pub use self::transaction::MAX_COMMIT;
pub use self::watch::{
    ChangeType, Changed, Cursor, ParseCursorError, ResourceChange, Watch, WatchEvent, WatchFrom, WatchOptions,
    WatchScope,
};
pub use self::write::{Patch, PendingWrite, WriteOptions, WriteOutcome};
