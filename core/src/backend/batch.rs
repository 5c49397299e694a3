//! A batch of operations with its preconditions, and the changes that it leaves in the log.

use std::fmt;

use bytes::Bytes;

use super::key::{Key, Revision};

/// The most operations of a batch that every backend takes. Work in bounded steps stays within it; a caller that needs
/// more at once checks [`Backend::max_batch`](super::Backend::max_batch).
pub const MAX_BATCH: usize = 120;

/// One change of a batch.
#[derive(Clone, PartialEq, Eq)]
pub enum Operation {
    /// Stores the value under the key, whether or not there is one.
    Put(Key, Bytes),
    /// Removes the key, whether or not it is there.
    Delete(Key),
}

impl Operation {
    /// The key that is changed.
    pub fn key(&self) -> &Key {
        match self {
            Operation::Put(key, _) | Operation::Delete(key) => key,
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Values may hold secrets.
            Operation::Put(key, value) => {
                f.debug_tuple("Put").field(key).field(&format_args!("{} bytes", value.len())).finish()
            }
            Operation::Delete(key) => f.debug_tuple("Delete").field(key).finish(),
        }
    }
}

/// A condition for a batch to be committed, checked against stored and pending state together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Precondition {
    /// The key is not there.
    Absent(Key),
    /// The key is there.
    Present(Key),
    /// The key was last put at this revision.
    At(Key, Revision),
    /// No key with this prefix was put after this revision; deletes do not count. A backend may keep a bounded
    /// memory of recent puts, and must report a conflict for revisions older than that memory.
    NothingPutUnder(Key, Revision),
}

impl Precondition {
    /// The key of the condition; `None` for a prefix.
    pub(crate) fn key(&self) -> Option<&Key> {
        match self {
            Precondition::Absent(key) | Precondition::Present(key) | Precondition::At(key, _) => Some(key),
            Precondition::NothingPutUnder(..) => None,
        }
    }
}

/// Changes that are committed all or not at all, under one revision. [`Backend::max_batch`](super::Backend::max_batch) operations at most; a key is
/// changed once. A batch without operations takes no revision: its preconditions are checked like any other's, and it ends
/// when all earlier commits are durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The conditions; all must hold.
    pub preconditions: Vec<Precondition>,
    /// The changes, in order.
    pub operations: Vec<Operation>,
}

impl Batch {
    /// A batch that changes nothing and ends when all earlier commits are durable.
    pub fn barrier() -> Self {
        Self::default()
    }
}

/// One entry of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub revision: Revision,
    /// The place of the operation within its batch.
    pub index: u32,
    /// The key that was changed.
    pub key: Key,
    /// Whether the key was removed.
    pub deleted: bool,
}
