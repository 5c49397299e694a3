//! Writing resources: from a request over a validated candidate to commits, in passes that begin again on a conflict.

mod amend;
mod candidate;
mod cascade;
mod commit;
mod contention;
mod create;
mod default;
mod delete;
mod id_floor;
mod namespace;
mod options;
mod outcome;
mod pending;
mod pipeline;
mod progress;
mod reference;
mod removal;
mod request;
mod restore;
mod stage;
mod update;
mod writer;

pub(crate) use self::amend::amended;
pub(crate) use self::candidate::{Successor, validated_alone};
pub(crate) use self::commit::check_size;
pub(crate) use self::contention::LOCK_AFTER_CONFLICTS;
pub use self::options::{Patch, WriteOptions};
pub use self::outcome::WriteOutcome;
pub use self::pending::PendingWrite;
pub(crate) use self::pending::depends_on_state;
pub(crate) use self::pipeline::SingleWrite;
pub(crate) use self::progress::{Progress, Write};
pub(crate) use self::reference::Links;
pub(crate) use self::request::{Change, Request};
pub(crate) use self::stage::{Lookups, Stage};
pub(crate) use self::writer::Writer;
