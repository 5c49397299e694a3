//! Reads the documents of a text: picks the language, checks the length and the encoding, and runs its reader.

use super::builder::Builder;
use super::document::Document;
use super::failure::ReadError;
use super::language::Format;
use super::limits::Limits;
use super::{habit, json_reader, yaml_reader};

impl Format {
    /// Guesses the language of a text. It is JSON if it begins with a bracket and is readable as JSON; otherwise it is YAML.
    /// A text that is readable as neither is JSON if it begins with a bracket and its names, before the first error, are in
    /// double quotes.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits};
    /// let limits = Limits::default();
    /// assert_eq!(Format::guess(b"{\"a\": 1}", &limits), Format::Json);
    /// assert_eq!(Format::guess(b"{a: 1}", &limits), Format::Yaml);
    /// assert_eq!(Format::guess(b"{\"a\": ]", &limits), Format::Json);
    /// assert_eq!(Format::guess(b"{a: ]", &limits), Format::Yaml);
    /// ```
    pub fn guess(text: &[u8], limits: &Limits) -> Self {
        if begins_as_json(text) { read_either(text, limits).0 } else { Format::Yaml }
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

/// Reads all documents of a text; JSON documents may follow each other, separated by white space or nothing. Empty YAML
/// documents are left out, so the result may be empty.
///
/// ```
/// use kindstore::manifest::{Format, Limits, read_all};
/// let documents = read_all(b"{\"a\": 1}\n{\"b\": 2}", Format::Json, &Limits::default())?;
/// assert_eq!(documents.len(), 2);
/// # Ok::<(), kindstore::manifest::ReadError>(())
/// ```
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
        None if begins_as_json(text) => {
            let (format, documents) = read_either(text, limits);
            documents.map(|documents| (documents, format))
        }
        None => read(Format::Yaml),
    }
}

/// Reads all documents of a text that begins as JSON, and returns the language that was meant.
fn read_either(text: &[u8], limits: &Limits) -> (Format, Result<Vec<Document>, ReadError>) {
    let json = match read_all(text, Format::Json, limits) {
        Err(error) if error.message != habit::CONFLICT => error,
        read => return (Format::Json, read),
    };
    match read_all(text, Format::Yaml, limits) {
        // YAML is nearly a superset of JSON, but its errors do not help with JSON.
        Err(_) if !is_flow(text, &json) => (Format::Json, Err(json)),
        read => (Format::Yaml, read),
    }
}

/// Whether a text that is readable as neither language is in the flow style of YAML: its error as JSON is a name without
/// double quotes, or a word without them and nothing before it has them.
fn is_flow(text: &[u8], json: &ReadError) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\'' | b'_') || !byte.is_ascii();
    let has_quotes = || text.get(..json.offset).is_some_and(|before| before.contains(&b'"'));
    text.get(json.offset).is_some_and(is_word)
        && (json.message.starts_with(json_reader::NAME_EXPECTED) || !has_quotes())
}

fn read_most(text: &[u8], format: Format, limits: &Limits, most: usize) -> Result<Vec<Document>, ReadError> {
    let text = checked(text, limits)?;
    let read = match format {
        Format::Json if most == usize::MAX => json_reader::read_all(text, limits),
        Format::Json => json_reader::read(text, limits).map(|document| vec![document]),
        Format::Yaml => yaml_reader::read(text, Builder::new(text, limits), limits, most),
    };
    read.map_err(|error| habit::explained(text, error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_documents_may_follow_each_other_and_each_has_its_places() {
        for text in ["{\"a\": 1}{\"a\": 1.50}", "{\"a\": 1}\n{\"a\": 1.50}\n", "\u{feff}{\"a\": 1}\r\n \t{\"a\": 1.50}"]
        {
            let documents = read_all(text.as_bytes(), Format::Json, &Limits::default()).expect(text);
            assert_eq!(documents.len(), 2, "{text:?}");
            let place = documents[1].position("/a").expect("it is there");
            assert_eq!(&documents[1].text()[place.value], "1.50", "{text:?}");
            let (_, format) = read_any(text.as_bytes(), None, &Limits::default()).expect(text);
            assert_eq!(format, Format::Json, "{text:?}");
        }
        let many = "[1]\n".repeat(1_000);
        assert_eq!(read_all(many.as_bytes(), Format::Json, &Limits::default()).map(|found| found.len()), Ok(1_000));
        let few = Limits::default().nodes(1_999);
        assert!(read_all(many.as_bytes(), Format::Json, &few).is_err(), "the limit is that of the whole text");
    }

    #[test]
    fn a_text_that_is_readable_as_neither_language_is_refused_in_that_which_is_meant() {
        for (text, format, column, part) in [
            ("{spec: {state: RUNNING, state: X}}", Format::Yaml, 25, "state"),
            ("[{op: add, op: test}]", Format::Yaml, 12, "op"),
            ("[x, {a: 1, a: 2}]", Format::Yaml, 12, "a"),
            ("{'a': 1, 'a': 2}", Format::Yaml, 10, "a"),
            ("{\"a\": 1, b: {c: 1, c: 2}}", Format::Yaml, 20, "c"),
            ("{\"a\": 1, \"a\": 2}", Format::Json, 10, "a"),
            ("{\"a\": ]", Format::Json, 7, ""),
            ("{a: ]", Format::Yaml, 0, ""),
            ("{spec: {state: RUNNING", Format::Yaml, 0, ""),
            ("[a, b", Format::Yaml, 0, ""),
            ("[1, 2", Format::Json, 6, "] is missing"),
            ("{\"a\": 1", Format::Json, 8, "} is missing"),
            ("[\"a\", b, \"c\" \"d\"]", Format::Json, 7, "b is not a JSON value"),
            ("{\"a\": {\"b\": 1 \"c\": 2}}", Format::Json, 0, ""),
        ] {
            let error = read_any(text.as_bytes(), None, &Limits::default()).expect_err(text);
            assert_eq!(Format::guess(text.as_bytes(), &Limits::default()), format, "{text}: {error}");
            assert!(column == 0 || error.column == column, "{text}: {error}");
            assert!(error.message.contains(part), "{text}: {error}");
            assert_eq!(read_all(text.as_bytes(), format, &Limits::default()).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn what_follows_a_json_document_and_begins_none_is_refused_at_its_place() {
        for (text, line, column, part) in [
            ("{}, {}", 1, 3, "remove what follows"),
            ("{} x", 1, 4, "remove what follows"),
            ("1 2", 1, 3, "remove what follows"),
            ("{}\n{\"a\": 1,}", 2, 8, "a comma stands before"),
            ("{}\n{\"a\": 1, \"a\": 2}", 2, 10, "a"),
            ("", 1, 1, "empty"),
        ] {
            let error = read_all(text.as_bytes(), Format::Json, &Limits::default()).expect_err(text);
            assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
            assert!(error.message.contains(part), "{text:?}: {error}");
        }
        assert!(read(b"{} {}", Format::Json, &Limits::default()).is_err(), "one body is one document");
    }
}
