//! One requirement of a selector, and how a selector can be wrong.

use std::fmt;

/// The most requirements of one selector, and the most values of one requirement.
pub(super) const MAX_REQUIREMENTS: usize = 100;

/// The most bytes of the text of a selector: a watch keeps it for as long as it is open.
pub(super) const MAX_BYTES: usize = 16 << 10;

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    pub(super) key: String,
    pub(super) test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    In(Vec<String>),
    /// Also holds when there is no such label, as in Kubernetes.
    NotIn(Vec<String>),
    Exists,
    Missing,
}

/// The text is not a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    /// The character where it goes wrong, from 1.
    pub position: usize,
    /// The problem, and the possible words.
    pub message: String,
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the selector goes wrong at character {}: {}", self.position, self.message)
    }
}

impl std::error::Error for SelectorError {}
