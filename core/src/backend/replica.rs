//! A copy of commits that were judged elsewhere.

use super::{Key, Revision, Versioned};
use crate::error::Result;

/// A commit that was judged elsewhere, with the values as they are stored there.
#[derive(Clone, Debug)]
pub struct AppliedCommit {
    /// The revision that it has there.
    pub revision: Revision,
    /// The keys that it changed, in the order of its operations; `None` where the key went.
    pub changes: Vec<(Key, Option<Versioned>)>,
}

/// A copy of commits that were judged elsewhere, which its owner reads by the calls of a backend.
///
/// For implementors: nothing is judged here. Readers see whole commits, observers are told before them, and the change log has
/// the commits as if they had been made here.
pub trait Replica: Send + Sync {
    /// Takes over commits. Their revisions rise, with gaps where the others are of no concern to this copy, and are greater than
    /// every one before.
    ///
    /// # Errors
    /// `Backend` for a revision that is not greater than the last one; what is before it was taken over.
    fn apply(&self, commits: Vec<AppliedCommit>) -> Result<()>;
}
