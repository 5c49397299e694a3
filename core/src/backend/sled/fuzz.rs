//! Readers of bytes from the disk, for the fuzzer.

use super::bundle;
use super::chunk::CHUNK_KEY;
use super::frame;
use super::log;

/// Bytes are refused, or are written again as they were read: as a head, as a part of the change log and as one of a
/// bundle.
pub fn fuzz_frame(stored: &[u8]) {
    if let Some((head, inline)) = frame::decode(stored) {
        assert_eq!([&head.to_bytes(), inline].concat(), stored);
        // A length alone would make a long list.
        let chunks = if head.length() < 1 << 20 { head.chunks() } else { Vec::new() };
        assert!(chunks.iter().all(|chunk| chunk.key().len() == CHUNK_KEY));
    }
    if let Some(changes) = log::decode(stored) {
        let parts = log::encode(&changes);
        let again: Option<Vec<_>> = parts.iter().map(|(_, part)| log::decode(part)).collect();
        assert_eq!(again.map(|parts| parts.concat()), Some(changes));
    }
    if let Some(changes) = bundle::decode(stored) {
        let parts = bundle::encode(&changes, 1);
        let again: Option<Vec<_>> = parts.iter().map(|(_, part)| bundle::decode(part)).collect();
        assert_eq!(again.map(|parts| parts.concat()), Some(changes));
    }
}
