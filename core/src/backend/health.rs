//! What a backend can do now, for those who watch over a store.

/// What a backend can do now. Cheap enough to be asked for each second.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackendHealth {
    /// Whether reads succeed; otherwise the reason, in words that are fit for a client.
    pub reads: Result<(), String>,
    /// Whether ordinary writes are accepted; otherwise the reason, in words that are fit for a client.
    pub writes: Result<(), String>,
    /// The space on the disk; `None` for a backend that has none.
    pub space: Option<Space>,
}

impl Default for BackendHealth {
    /// The health of a backend that can do everything and has no disk.
    fn default() -> Self {
        Self { reads: Ok(()), writes: Ok(()), space: None }
    }
}

/// The space on the disk of a store, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Space {
    /// The free space on the disk.
    pub free: u64,
    /// The free space below which ordinary writes are refused.
    pub reserve: u64,
    /// The free space below which writes that free space are refused as well.
    pub last_reserve: u64,
    /// The space that the store's files take.
    pub used: u64,
}
