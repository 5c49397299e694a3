//! From the text of a request to its document, with the limits that hold for every binding.

use kindstore::Document;
use kindstore::manifest::{Format, Limits, ReadError};

use crate::budget;
use crate::fault::Fault;

/// The largest body, in bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// Returns the document of a text, once the budget has enough for its values.
///
/// # Errors
/// The text cannot be read, or the budget is used up.
pub(crate) async fn read(text: &[u8], format: Format, is_secret: bool) -> Result<Document, Fault> {
    budget::reserve_values(size(text, format)).await?;
    parse(text, format, is_secret)
}

/// Returns about how many bytes the values of a document take.
pub(crate) fn size(text: &[u8], format: Format) -> usize {
    budget::size_of_values(text, format, Limits::default().nodes)
}

/// Returns the document of a text, for which the caller has reserved.
// An error about a text that may hold secrets must not quote it: errors are logged by clients and proxies.
pub(crate) fn parse(text: &[u8], format: Format, is_secret: bool) -> Result<Document, Fault> {
    if text.len() > MAX_BODY {
        return Err(too_large(MAX_BODY));
    }
    let limits = Limits::default().bytes(MAX_BODY);
    kindstore::manifest::read(text, format, &limits).map_err(|error| unreadable(error, is_secret))
}

/// Returns the fault for a text that cannot be read.
pub(crate) fn unreadable(error: ReadError, is_secret: bool) -> Fault {
    match is_secret {
        true => {
            let (line, column, why) = (error.line, error.column, error.masked());
            Fault::new("BadRequest", format!("line {line}, column {column}: the text cannot be read: {why}"))
        }
        false => Fault::from(kindstore::Error::from(error)),
    }
}

pub(crate) fn too_large(most: usize) -> Fault {
    Fault::new("PayloadTooLarge", format!("the body is larger than the limit of {most} bytes"))
}
