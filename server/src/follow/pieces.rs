//! The bytes of a watch on their way to its client: large parts are shared by all watches, small ones are gathered.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// A part of at least so many bytes is passed on as it is; a smaller one is cheaper to copy than to send by itself.
const SHARED: usize = 8 << 10;

/// The most bytes of a piece.
// What was handed to the connection is sent from where it is. A small piece lets other connections have their turn.
const MAX_PIECE: usize = 64 << 10;

/// So many gathered bytes are a piece.
const FULL: usize = 32 << 10;

/// Pieces of a body.
#[derive(Default)]
pub(crate) struct Pieces {
    whole: VecDeque<Bytes>,
    gathered: BytesMut,
}

impl Pieces {
    /// Adds bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= FULL {
            self.end_piece();
        }
    }

    /// Adds bytes that others have too.
    pub(crate) fn share(&mut self, bytes: Bytes) {
        if bytes.len() < SHARED {
            return self.put(&bytes);
        }
        self.end_piece();
        self.whole.push_back(bytes);
    }

    /// Returns the next piece that is complete.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        let first = self.whole.front_mut()?;
        if first.len() > MAX_PIECE { Some(first.split_to(MAX_PIECE)) } else { self.whole.pop_front() }
    }

    /// Returns the next piece, complete or not.
    pub(crate) fn rest(&mut self) -> Option<Bytes> {
        self.end_piece();
        self.next()
    }

    fn end_piece(&mut self) {
        if !self.gathered.is_empty() {
            // A buffer of its own each time: a client that reads nothing keeps no more than what it has to read.
            self.whole.push_back(std::mem::take(&mut self.gathered).freeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_part_is_passed_on_without_a_copy_and_small_ones_are_gathered() {
        let large = Bytes::from(vec![7; 3 * MAX_PIECE + 5]);
        let mut pieces = Pieces::default();
        pieces.put(b"begin");
        pieces.share(Bytes::from_static(b"small"));
        pieces.share(large.clone());
        pieces.put(b"end");
        let complete: Vec<Bytes> = std::iter::from_fn(|| pieces.next()).collect();
        assert_eq!(complete[0], "beginsmall");
        assert_eq!(complete[1..].iter().map(Bytes::len).collect::<Vec<_>>(), [MAX_PIECE, MAX_PIECE, MAX_PIECE, 5]);
        // Where the bytes are, not only what they are.
        assert_eq!(complete[1].as_ptr(), large.as_ptr());
        assert_eq!((pieces.rest(), pieces.rest()), (Some(Bytes::from_static(b"end")), None));
    }

    #[test]
    fn gathered_bytes_are_a_piece_once_there_are_many() {
        let mut pieces = Pieces::default();
        pieces.put(&[1; FULL - 1]);
        assert_eq!(pieces.next(), None);
        pieces.put(&[1]);
        assert_eq!(pieces.next().map(|piece| piece.len()), Some(FULL));
    }
}
