//! Parser limits: how large and how deep a text may be.

/// Parser limits. A text beyond one is refused with the limit in the message.
///
/// ```
/// use kindstore::manifest::{Format, Limits, read};
/// let limits = Limits::default().depth(2);
/// let error = read(b"{a: {b: {c: 1}}}", Format::Yaml, &limits).unwrap_err();
/// assert_eq!(error.message, "collections are nested more than 2 deep; make the document flatter");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Length of the text in bytes, at most 1 GiB.
    pub bytes: usize,
    /// Nesting of collections, at most 512: the code that walks values recurses.
    pub depth: usize,
    /// Number of values in all documents of the text together, including the copies by anchors, aliases and merge keys.
    pub nodes: usize,
    /// Bytes of strings and keys in all copies by anchors and aliases together.
    pub alias_bytes: usize,
}

impl Limits {
    /// Sets the length of the text in bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the nesting of collections.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// Sets the number of values.
    #[must_use]
    pub fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// Sets the bytes of copies by anchors and aliases.
    #[must_use]
    pub fn alias_bytes(mut self, alias_bytes: usize) -> Self {
        self.alias_bytes = alias_bytes;
        self
    }
}

impl Limits {
    /// Limits for a file with many documents: 64 MiB and eight million values. The defaults bound each document again when it
    /// is stored.
    pub const MANY: Self = Self { bytes: 64 << 20, depth: 128, nodes: 8_000_000, alias_bytes: 4 << 20 };
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 128, nodes: 50_000, alias_bytes: 4 << 20 }
    }
}
