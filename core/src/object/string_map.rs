//! Labels and annotations as they are stored: reading a resource copies none of them.

use std::collections::BTreeMap;
use std::fmt;

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Strings under strings, sorted by name. A clone shares them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StringMap {
    count: u32,
    /// For each entry the length of its name, the name, the length of its text, the text; lengths in four bytes,
    /// big-endian. All of it was checked when it came here.
    entries: Bytes,
}

impl StringMap {
    /// A map without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The text under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(found, _)| *found == name).map(|(_, text)| text)
    }

    /// Names and texts, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &self.entries[..];
        std::iter::from_fn(move || Some((take(&mut rest)?, take(&mut rest)?)))
    }

    /// How many bytes all names and texts have together.
    pub(crate) fn size(&self) -> usize {
        self.entries.len() - 8 * self.len()
    }

    /// The entries as they are stored, to be read again by [`StringMap::read`].
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.entries
    }

    /// Reads this many entries from the beginning of stored bytes. Returns `None` when the bytes hold something else.
    pub(crate) fn read(count: u32, bytes: &mut Bytes) -> Option<Self> {
        let mut rest = &bytes[..];
        // Checked once here, so that `iter` cannot fail.
        for _ in 0..count {
            take(&mut rest)?;
            take(&mut rest)?;
        }
        let length = bytes.len() - rest.len();
        Some(Self { count, entries: bytes.split_to(length) })
    }
}

/// The next string of stored bytes.
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = rest.try_get_u32().ok()? as usize;
    let (text, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    std::str::from_utf8(text).ok()
}

impl FromIterator<(String, String)> for StringMap {
    /// The last of several entries with one name wins.
    fn from_iter<T: IntoIterator<Item = (String, String)>>(entries: T) -> Self {
        let sorted: BTreeMap<String, String> = entries.into_iter().collect();
        let size = sorted.iter().map(|(name, text)| name.len() + text.len() + 8).sum();
        let mut bytes = BytesMut::with_capacity(size);
        for text in sorted.iter().flat_map(|(name, text)| [name, text]) {
            // Documents are bounded far below 4 GiB before they come here.
            bytes.put_u32(u32::try_from(text.len()).expect("a label is smaller than 4 GiB"));
            bytes.put_slice(text.as_bytes());
        }
        let count = u32::try_from(sorted.len()).expect("a document has fewer than 4 billion members");
        Self { count, entries: bytes.freeze() }
    }
}

impl fmt::Debug for StringMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> StringMap {
        entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn entries_are_sorted_and_found_by_name() {
        let labels = map(&[("team", "web"), ("", "empty"), ("größe", ""), ("team", "data")]);
        assert!(labels.iter().eq([("", "empty"), ("größe", ""), ("team", "data")]));
        assert_eq!((labels.get("team"), labels.get("x"), labels.len(), labels.size()), (Some("data"), None, 3, 20));
        assert_eq!(labels, map(&[("team", "data"), ("größe", ""), ("", "empty")]));
    }

    #[test]
    fn what_was_stored_is_read_and_nothing_else_is() {
        let labels = map(&[("a", "b"), ("c", "d")]);
        let mut stored = Bytes::from([labels.as_bytes(), b"rest"].concat());
        let read = StringMap::read(2, &mut stored);
        assert_eq!((read, &stored[..]), (Some(labels.clone()), &b"rest"[..]));
        for length in 0..labels.as_bytes().len() {
            assert_eq!(StringMap::read(2, &mut Bytes::copy_from_slice(&labels.as_bytes()[..length])), None);
        }
        assert_eq!(StringMap::read(1, &mut Bytes::from_static(b"\0\0\0\x01\xff\0\0\0\0")), None, "no UTF-8");
    }
}
