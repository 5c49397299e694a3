//! Formats manifests. Values and comments stay the same.

mod block_scalar;
mod comment;
mod error;
mod json;
mod reach;
mod scalars;
mod yaml;

pub use error::FormatError;

use super::{Format, Limits, read_all};
use crate::json::{Json, join};

/// Formats a text. YAML keeps its comments, its order and the spelling of its values; JSON is indented by two spaces,
/// keeps its order and spelling, and ends with a line break.
///
/// ```
/// use kindstore::manifest::{Format, Limits, format};
/// let limits = Limits::default();
/// assert_eq!(format("a:   1.10 # one\n", Format::Yaml, &limits)?, "a: 1.10 # one\n");
/// assert_eq!(format("{\"b\":[]}", Format::Json, &limits)?, "{\n  \"b\": []\n}\n");
/// # Ok::<(), kindstore::manifest::FormatError>(())
/// ```
///
/// # Errors
/// The text is not readable within the limits or not supported by the formatter, or formatting would change its content.
pub fn format(text: &str, format: Format, limits: &Limits) -> Result<String, FormatError> {
    let documents = read_all(text.as_bytes(), format, limits).map_err(FormatError::Unreadable)?;
    let formatted = match format {
        Format::Json => json::indented(text),
        Format::Yaml => yaml::formatted(text, &documents, limits)?,
    };
    // The formatter is trusted with nothing: its result must read as the same values, or the text is refused.
    let changed = |line: Option<usize>| FormatError::Changed { line };
    let again = read_all(formatted.as_bytes(), format, limits).map_err(|_| changed(None))?;
    if again.len() != documents.len() {
        return Err(changed(None));
    }
    for (document, again) in documents.iter().zip(&again) {
        if let Some(pointer) = difference(&document.value, &again.value, "") {
            return Err(changed(Some(document.line_and_column(&pointer).0)));
        }
    }
    if format == Format::Yaml {
        yaml::check_reach(&formatted, &again)?;
    }
    Ok(formatted)
}

/// The first place at which two values differ, also by the spelling of a number or a boolean. The depth limit of the parser bounds
/// the recursion.
fn difference(one: &Json, other: &Json, pointer: &str) -> Option<String> {
    match (one, other) {
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            let mut items = one.iter().zip(other).enumerate();
            items.find_map(|(index, (one, other))| difference(one, other, &join(pointer, &index.to_string())))
        }
        (Json::Object(one), Json::Object(other)) if one.keys().eq(other.keys()) => {
            let mut members = one.iter().zip(other.values());
            members.find_map(|((name, one), other)| difference(one, other, &join(pointer, name)))
        }
        (Json::Number(one), Json::Number(other)) if one.text() == other.text() => None,
        (Json::Bool(one), Json::Bool(other)) if one.text() == other.text() => None,
        (Json::Number(_), _) | (Json::Bool(_), _) => Some(pointer.to_owned()),
        (one, other) => (one != other).then(|| pointer.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_form(text: &str, language: Format) -> String {
        let once = format(text, language, &Limits::default()).expect("it can be brought into form");
        assert_eq!(format(&once, language, &Limits::default()).expect("in form"), once, "it stays in form");
        once
    }

    #[test]
    fn json_keeps_order_and_spelling() {
        let text = "{\"b\" :[1.10,{ },[ ]],\"a\":\"x\\\"{,\",\"é\":[\n1e2 , null]}";
        let expected = "{\n  \"b\": [\n    1.10,\n    {},\n    []\n  ],\n  \"a\": \"x\\\"{,\",\n  \"é\": [\n    1e2,\n    null\n  ]\n}\n";
        assert_eq!(in_form(text, Format::Json), expected);
        assert_eq!(in_form("\u{feff}[ ]\n", Format::Json), "[]\n");
        assert_eq!(in_form("{\"a\":1} {}[2]", Format::Json), "{\n  \"a\": 1\n}\n{}\n[\n  2\n]\n");
        assert_eq!(in_form(" 1 ", Format::Json), "1\n");
    }

    #[test]
    fn yaml_keeps_comments_documents_anchors_and_spelling() {
        let text = "# head\nb:   1.10 # one\na: &x {k: 'v',  l: [1,2]}\n\n# between\nc: *x\ntext: |+\n  keep  \n\n---\n# second\nd: \"yes\"   \n# tail\n";
        let once = in_form(text, Format::Yaml);
        assert_eq!(once.matches("# ").count(), 5);
        assert!(once.contains("b: 1.10 # one\n"), "{once}");
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (text, language, line, column) in
            [("a: 1\nb: [\n", Format::Yaml, 2, 4), ("{\n  \"a\": tru\n}", Format::Json, 2, 8)]
        {
            let error = format(text, language, &Limits::default()).expect_err("it cannot be read");
            let FormatError::Unreadable(error) = error else { panic!("{error}") };
            assert_eq!((error.line, error.column), (line, column), "{error}");
        }
        let limits = Limits { nodes: 3, ..Limits::default() };
        assert!(matches!(format("[1, 2, 3]", Format::Json, &limits), Err(FormatError::Unreadable(_))));
    }

    #[test]
    fn what_begins_too_far_to_the_right_is_refused_and_text_in_a_scalar_is_not_meant() {
        let nested = |depth: usize| (0..depth).map(|level| format!("{}a:\n", "  ".repeat(level))).collect::<String>();
        in_form(&nested(31), Format::Yaml);
        for text in [nested(60), "- ".repeat(60) + "a\n", format!("a: 1\n{}# far\nb: 2\n", " ".repeat(70))] {
            let error = format(&text, Format::Yaml, &Limits::default()).expect_err("it is too far");
            assert!(matches!(error, FormatError::Unsupported { .. }), "{error}");
        }
        let far = " ".repeat(70);
        in_form(&format!("a: |\n  x\n{far}- y\nb: \"x\n{far}y\"\nc: 1\n"), Format::Yaml);
    }

    #[test]
    fn brackets_that_only_the_formatter_takes_for_such_are_refused_at_once() {
        // It trims a plain scalar, also by white space that is none in YAML, and then brackets begin it.
        let text = ["-\t\u{a0}", &"{".repeat(113), "935"].concat();
        let error = format(&text, Format::Yaml, &Limits::default()).expect_err("it would be another value");
        assert!(matches!(error, FormatError::Changed { .. }), "{error}");
    }

    #[test]
    fn what_the_formatter_would_fail_at_is_refused() {
        let text = "|-\n\n\t!!str >\né\n";
        let error = format(text, Format::Yaml, &Limits::default()).expect_err("its first line has more white space");
        assert!(error.to_string().contains("less indented"), "{error}");
        for text in ["# c\n  - a\n---\nb: 1\n", "\n  ...\n\n    - \r\n\n  - "] {
            let _ = format(text, Format::Yaml, &Limits::default());
        }
    }
}
