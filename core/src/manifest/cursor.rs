//! A place in a text that is being read byte by byte.

use super::failure::ReadError;

/// A text and the place that a reader is at.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    /// A cursor at the start of a text, behind its byte order mark.
    pub(super) fn new(text: &'t str) -> Self {
        // RFC 8259, section 8.1, allows readers to ignore a byte order mark.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, bytes: text.as_bytes(), at }
    }

    /// Fails with a message at this place.
    pub(super) fn fail<T>(&self, message: impl Into<String>) -> Result<T, ReadError> {
        Err(ReadError::new(self.text, self.at, message))
    }

    /// Returns the next byte without passing it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes white space as JSON defines it.
    pub(super) fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }
}
