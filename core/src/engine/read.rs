//! Reading resources: now, at an earlier revision, their history, and pages of all of these. Nothing here writes.

mod chain;
mod defaults;
mod deleted;
mod find;
mod history;
mod list;
mod namespace;
mod page;
mod reader;
mod revision;
mod step;
mod token;
mod version;

pub(crate) use self::chain::Chain;
pub(crate) use self::defaults::{DefaultLayer, Defaults};
pub(crate) use self::find::View;
pub use self::history::{Comparison, History, HistoryOptions, Version};
pub use self::list::{List, ListOptions};
pub use self::page::HistoryPage;
pub(crate) use self::reader::Reader;
pub(crate) use self::step::{STEP, Step, Walked};
pub use self::token::{ContinueToken, HistoryToken};
