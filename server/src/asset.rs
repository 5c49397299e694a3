//! A file as it is answered: its bytes, shared and not copied, and what they are.

use bytes::Bytes;

/// A file that is answered in its own form.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}
