//! The head of a message: whether it is compressed, and its length.

use bytes::Buf;

/// The length of the head of a message, in bytes.
pub(super) const HEAD: usize = 5;

/// The head of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_compressed: bool,
    pub(super) length: usize,
}

impl Head {
    /// Reads the head that bytes begin with; `None` when there are too few.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let (flag, length) = (bytes.try_get_u8().ok()?, bytes.try_get_u32().ok()?);
        Some(Self { is_compressed: flag == 1, length: usize::try_from(length).ok()? })
    }

    /// The head of a message of this length that is not compressed.
    pub(super) fn of_plain(length: usize) -> [u8; HEAD] {
        let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        [0, a, b, c, d]
    }
}
