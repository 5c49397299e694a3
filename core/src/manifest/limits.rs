//! Parser limits: how large and how deep a text may be.

/// How much a text may ask of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The length of the text in bytes. More than 1 GiB is taken as 1 GiB.
    pub bytes: usize,
    /// How many collections may be open inside each other. More than 512 is taken as 512, because what comes after
    /// reading walks a value by recursion.
    pub depth: usize,
    /// How many values all documents of the text may have together, with the copies that anchors, aliases and merge keys
    /// make.
    pub nodes: usize,
    /// How many bytes of strings and keys the copies that anchors and aliases make may have together.
    pub alias_bytes: usize,
}

impl Limits {
    /// What a file with many documents may ask: 64 MiB and eight million values. Each document is bounded as by default when
    /// it is stored.
    pub const MANY: Self = Self { bytes: 64 << 20, depth: 128, nodes: 8_000_000, alias_bytes: 4 << 20 };
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 128, nodes: 50_000, alias_bytes: 4 << 20 }
    }
}
