//! Reads the documents of a text: picks the language, checks the length and the encoding, and runs its reader.

use super::builder::Builder;
use super::document::Document;
use super::failure::ReadError;
use super::language::Format;
use super::limits::Limits;
use super::{json_reader, yaml_reader};

impl Format {
    /// Guesses the language of a text. It is JSON if it begins with a bracket and is readable as JSON, or is readable as
    /// neither language; otherwise it is YAML.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits};
    /// let limits = Limits::default();
    /// assert_eq!(Format::guess(b"{\"a\": 1}", &limits), Format::Json);
    /// assert_eq!(Format::guess(b"{a: 1}", &limits), Format::Yaml);
    /// assert_eq!(Format::guess(b"{\"a\": ]", &limits), Format::Json);
    /// ```
    pub fn guess(text: &[u8], limits: &Limits) -> Self {
        if !begins_as_json(text) {
            return Format::Yaml;
        }
        read_any(text, None, limits).map_or(Format::Json, |(_, format)| format)
    }
}

/// Whether JSON is tried first.
fn begins_as_json(text: &[u8]) -> bool {
    // Editors on Windows write a byte order mark, which is no content.
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Reads exactly one document. Empty documents beside it (a `---` at the end of a YAML text) do not count.
///
/// ```
/// use kindstore::manifest::{Format, Limits, read};
/// let document = read(b"spec:\n  version: 1.10\n", Format::Yaml, &Limits::default())?;
/// assert_eq!(document.value.to_text(), r#"{"spec":{"version":1.1}}"#);
/// let place = document.position("/spec/version").expect("it is there");
/// assert_eq!(&document.text()[place.value], "1.10");
/// # Ok::<(), kindstore::manifest::ReadError>(())
/// ```
///
/// # Errors
/// The text is not one document of that format, has a duplicate key, or is beyond a limit.
pub fn read(text: &[u8], format: Format, limits: &Limits) -> Result<Document, ReadError> {
    // The second is read only to say where it begins; what follows it does not matter.
    let mut documents = read_most(text, format, limits, 2)?.into_iter();
    let Some(document) = documents.next() else {
        return Err(ReadError::new("", 0, "the text is empty; one document is expected"));
    };
    match documents.next() {
        None => Ok(document),
        Some(second) => {
            let place = second.position("").map_or(0, |place| place.value.start);
            let message = "a second document begins here; send one document at a time";
            Err(ReadError::new(second.text(), place, message))
        }
    }
}

/// Reads all documents of a text; JSON has one. Empty YAML documents are left out, so the result may be empty.
///
/// # Errors
/// The text is not of that format, has a duplicate key, or is beyond a limit.
pub fn read_all(text: &[u8], format: Format, limits: &Limits) -> Result<Vec<Document>, ReadError> {
    read_most(text, format, limits, usize::MAX)
}

/// Reads all documents of a text in `format`. Without one the text is JSON if it begins with a bracket and is readable as
/// JSON, else YAML. Returns the format as well.
///
/// # Errors
/// As [`read_all`].
pub fn read_any(text: &[u8], format: Option<Format>, limits: &Limits) -> Result<(Vec<Document>, Format), ReadError> {
    let read = |format| read_all(text, format, limits).map(|documents| (documents, format));
    match format {
        Some(format) => read(format),
        // YAML is nearly a superset of JSON, but its errors do not help with JSON. So the first bracket decides which
        // error is shown.
        None if begins_as_json(text) => read(Format::Json).or_else(|why| read(Format::Yaml).map_err(|_| why)),
        None => read(Format::Yaml),
    }
}

fn read_most(text: &[u8], format: Format, limits: &Limits, most: usize) -> Result<Vec<Document>, ReadError> {
    let text = checked(text, limits)?;
    match format {
        Format::Json => json_reader::read(text, limits).map(|document| vec![document]),
        Format::Yaml => yaml_reader::read(text, Builder::new(text, limits), limits, most),
    }
}

/// The text as UTF-8 within the limit of bytes.
fn checked<'t>(bytes: &'t [u8], limits: &Limits) -> Result<&'t str, ReadError> {
    // Marks keep places in 32 bits.
    let most = limits.bytes.min(1 << 30);
    if bytes.len() > most {
        let message =
            format!("the text has {} bytes, at most {most} are read; make it smaller or split it", bytes.len());
        return Err(ReadError::new("", 0, message));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let before = std::str::from_utf8(&bytes[..offset]).unwrap_or_default();
        ReadError::new(before, offset, format!("the text is not UTF-8 at byte {offset}; save it as UTF-8"))
    })
}
