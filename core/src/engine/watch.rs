//! Watches: the changes of resources as they become durable, from now on or from any revision that is kept.

mod cursor;
mod event;
mod feed;
mod interest;
mod options;
mod scope;
mod source;
#[cfg(test)]
mod tests;
mod watcher;

pub use self::cursor::{Cursor, ParseCursorError};
pub use self::event::{ChangeType, ResourceChange, WatchEvent};
pub(crate) use self::feed::Feed;
pub use self::options::{WatchFrom, WatchOptions};
pub use self::scope::{Changed, WatchScope};
pub use self::watcher::Watch;
