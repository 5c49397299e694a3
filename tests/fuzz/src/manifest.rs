//! The text of a document, in YAML and in JSON.

use kindstore::manifest::{Format, FormatError, Limits, ReadError, format, locate, read, read_all, to_yaml};
use kindstore::{Document, Json};

/// What is written of a value that was read may be longer than what was read, but not beyond this.
fn wide() -> Limits {
    Limits::default().bytes(64 << 20).depth(160).nodes(1 << 24).alias_bytes(0)
}

/// A text is refused at a place within it, or read; what was read is written and read back as the same.
pub fn manifest(input: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let one = read(input, format, &Limits::default());
        match &one {
            Ok(document) => holds(document),
            Err(error) => is_placed(input, error),
        }
        match read_all(input, format, &Limits::default()) {
            Ok(all) => {
                all.iter().for_each(holds);
                is_formatted(input, format, &all);
                assert_eq!(one.is_ok(), all.len() == 1, "one of {}", all.len());
            }
            Err(error) => {
                is_placed(input, &error);
                assert!(one.is_err());
            }
        }
    }
}

/// A text that is read is brought into form or refused; in form it has the same values.
fn is_formatted(input: &[u8], language: Format, documents: &[Document]) {
    let text = std::str::from_utf8(input).expect("what was read is UTF-8");
    match format(text, language, &Limits::default()) {
        Ok(formatted) => {
            let again = read_all(formatted.as_bytes(), language, &Limits::default()).expect("it is read");
            assert!(again.iter().map(|it| &it.value).eq(documents.iter().map(|it| &it.value)));
        }
        // The formatter is not to fail by itself.
        Err(FormatError::Unsupported { why, .. }) => assert!(!why.contains("formatter failed"), "{why}"),
        Err(_) => {}
    }
}

fn is_placed(input: &[u8], error: &ReadError) {
    assert!(error.offset <= input.len() && error.line >= 1 && error.column >= 1, "{error:?}");
    assert!(!error.message.is_empty());
}

fn holds(document: &Document) {
    let value = &document.value;
    let json = read(value.to_text().as_bytes(), Format::Json, &wide()).expect("what was written as JSON is read");
    assert_eq!(&json.value, value);
    let yaml = to_yaml(value);
    let yaml = read(yaml.as_bytes(), Format::Yaml, &wide()).unwrap_or_else(|error| panic!("{error} in {yaml}"));
    assert_eq!(&yaml.value, value);
    for problem in &document.problems {
        assert!(value.at(&problem.pointer).is_some_and(|value| value.as_str().is_some()), "{problem}");
    }
    are_placed(document, value, &mut String::new(), &mut 200);
}

/// The first values have places in the text, and these are on the way to them.
fn are_placed(document: &Document, value: &Json, pointer: &mut String, left: &mut usize) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    let place = document.position(pointer).expect("every value has a place");
    let text = document.text();
    assert!(text.get(place.value.clone()).is_some(), "{place:?}");
    assert!(place.key.is_none_or(|key| text.get(key).is_some()));
    assert!(locate(text, place.value.end) >= locate(text, place.value.start));
    let length = pointer.len();
    let mut go = |segment: &str, value: &Json| {
        pointer.push('/');
        pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
        are_placed(document, value, pointer, left);
        pointer.truncate(length);
    };
    match value {
        Json::Object(members) => members.iter().take(20).for_each(|(name, value)| go(name, value)),
        Json::Array(items) => items.iter().take(20).enumerate().for_each(|(at, value)| go(&at.to_string(), value)),
        _ => {}
    }
}
