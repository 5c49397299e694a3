//! Compressed messages: inflated here and not by the transport, which would not ask the budget before.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::GzDecoder;
use http::HeaderMap;
use tonic::Status;

use super::head::Head;
use super::{limit, refusal};
use crate::budget;

/// How much is inflated on the task itself.
const INLINE: usize = 256 << 10;

/// Whether the messages of a call are in the one form that is taken; the transport refuses all others.
pub(super) fn is_gzip(headers: &HeaderMap) -> bool {
    headers.get("grpc-encoding").is_some_and(|value| value.as_bytes() == b"gzip")
}

/// How many bytes a part of an inflated message has.
const PART: usize = 256 << 10;

/// Inflates a message and returns it with its head, in parts. Its size is added to what the request holds of the budget.
///
/// # Errors
/// The message is broken or larger than the limit, or the budget is used up.
pub(super) async fn message(compressed: Bytes, most: usize) -> Result<Vec<Bytes>, Status> {
    // A client that says less than there is will find its message refused as broken, so this can be trusted.
    let size = declared(&compressed).ok_or_else(broken)?;
    if size > most {
        return Err(refusal::of(limit::exceeded(most)));
    }
    budget::reserve(size).await.map_err(refusal::of)?;
    if size <= INLINE {
        return inflate(&compressed, size);
    }
    let held = budget::hold();
    let inflating = tokio::task::spawn_blocking(move || {
        let inflated = inflate(&compressed, size);
        drop(held);
        inflated
    });
    inflating.await.map_err(|_| Status::unavailable("the server is stopping"))?
}

/// The size that a gzip member says it has: its last four bytes (RFC 1952, section 2.3.1).
fn declared(compressed: &[u8]) -> Option<usize> {
    let size = u32::from_le_bytes(*compressed.last_chunk()?);
    usize::try_from(size).ok()
}

fn inflate(compressed: &[u8], size: usize) -> Result<Vec<Bytes>, Status> {
    let (mut decoder, mut left) = (GzDecoder::new(compressed), size);
    let mut parts = vec![Bytes::copy_from_slice(&Head::of_plain(size))];
    while left > 0 {
        let mut part = vec![0; left.min(PART)];
        decoder.read_exact(&mut part).map_err(|_| broken())?;
        left -= part.len();
        parts.push(part.into());
    }
    // The checksum is compared where nothing follows.
    match decoder.read(&mut [0]) {
        Ok(0) => Ok(parts),
        Ok(_) | Err(_) => Err(broken()),
    }
}

fn broken() -> Status {
    Status::internal("the compressed message cannot be read")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::head::HEAD;
    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("memory takes all");
        encoder.finish().expect("memory takes all")
    }

    #[tokio::test]
    async fn a_message_is_inflated_within_its_limit() {
        for size in [0, 1, 100, INLINE + 1, 3 * PART] {
            let text = vec![b'x'; size];
            let message = message(gzip(&text).into(), size).await.expect("it fits").concat();
            assert_eq!((&message[..HEAD], &message[HEAD..]), (&Head::of_plain(size)[..], &text[..]));
        }
        let refused = message(gzip(&[0; 1000]).into(), 999).await.expect_err("too large");
        assert!(refused.message().contains("larger than the limit of 999 bytes"), "{refused}");
    }

    #[tokio::test]
    async fn a_message_that_lies_about_its_size_is_refused() {
        for size in [0_u32, 10, 999, 1001] {
            let mut lying = gzip(&[0; 1000]);
            let end = lying.len() - 4;
            lying[end..].copy_from_slice(&size.to_le_bytes());
            message(lying.into(), 5000).await.expect_err("it lies");
        }
        for broken in [&b""[..], b"abc", b"abcdefghijk"] {
            message(Bytes::from_static(broken), 1 << 31).await.expect_err("it is no gzip");
        }
    }
}
