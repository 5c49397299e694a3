//! Cursors: places in the history of a store from which a watch continues.

use std::fmt;
use std::str::FromStr;

use crate::backend::Revision;

/// A place in the history of a store: a change within a commit, or the end of a commit. Written `41.3` or `41`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The commit.
    pub revision: Revision,
    /// The place of the change within its commit; [`Cursor::END`] for all of them.
    pub index: u32,
}

impl Cursor {
    /// The index behind all changes of a commit.
    pub const END: u32 = u32::MAX;

    /// Behind all changes of a commit.
    pub const fn after(revision: Revision) -> Self {
        Self { revision, index: Self::END }
    }

    /// Returns the newest commit whose changes are all at or before the cursor.
    pub(crate) fn whole(self) -> Revision {
        if self.index == Self::END { self.revision } else { self.revision.saturating_sub(1) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Self::END => write!(f, "{}", self.revision),
            index => write!(f, "{}.{index}", self.revision),
        }
    }
}

/// The text is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the history of a store such as 41 or 41.3")]
pub struct ParseCursorError;

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (revision, index) = text.split_once('.').map_or((text, None), |(revision, index)| (revision, Some(index)));
        if !is_number(revision) || !index.is_none_or(is_number) {
            return Err(ParseCursorError);
        }
        let revision = revision.parse().map_err(|_| ParseCursorError)?;
        let index = index.map_or(Ok(Self::END), str::parse).map_err(|_| ParseCursorError)?;
        Ok(Self { revision, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_written_and_read_back() {
        for (text, cursor) in [("41.3", Cursor { revision: 41, index: 3 }), ("41", Cursor::after(41))] {
            assert_eq!((cursor.to_string(), text.parse()), (text.to_owned(), Ok(cursor)));
        }
        for text in ["", ".", "41.", ".3", "+1", "1.2.3", "-1", "99999999999999999999", "1.99999999999"] {
            assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError), "{text:?}");
        }
        assert!(Cursor { revision: 41, index: 3 } < Cursor::after(41));
    }
}
