//! What people really do to a text that then cannot be read: templates that are not rendered, conflicts of a merge that are
//! not resolved, separators of documents that are none. The error names it, where the reader's own words would mislead.

use super::failure::ReadError;

/// The message about marks of a merge. YAML may read them as text within brackets, which nobody means.
pub(super) const CONFLICT: &str = "a conflict of a merge is not resolved here; keep one side and remove the marks";

/// The error, or a clearer one at the line that causes it.
pub(super) fn explained(text: &str, error: ReadError) -> ReadError {
    let found = conflict(text, error.offset)
        .or_else(|| template(text, error.offset))
        .or_else(|| around(text, error.offset).into_iter().find_map(separator));
    match found {
        Some((offset, message)) => ReadError::new(text, offset, message),
        None => error,
    }
}

/// A line, and where it begins.
type Line<'t> = (usize, &'t str);

/// What is wrong, and where.
type Found = Option<(usize, String)>;

/// The line of a place, then the two before it: a text that goes on over several lines is refused at its end.
fn around(text: &str, offset: usize) -> Vec<Line<'_>> {
    let breaks = ['\n', '\r'];
    let offset = text.floor_char_boundary(offset);
    let end = text[offset..].find(breaks).map_or(text.len(), |at| offset + at);
    let (mut lines, mut end) = (Vec::new(), Some(end));
    while let Some(at) = end.filter(|_| lines.len() < 3) {
        let start = text[..at].rfind(breaks).map_or(0, |at| at + 1);
        lines.push((start, &text[start..at]));
        end = start.checked_sub(1);
    }
    lines
}

/// The first mark of a merge up to the line behind a place. Such marks stand in no text that is readable otherwise.
fn conflict(text: &str, offset: usize) -> Found {
    const MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_end_matches(['\n', '\r']);
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(' ');
        if MARKS.into_iter().any(|mark| trimmed.strip_prefix(mark).is_some_and(ends)) {
            return Some((start, CONFLICT.to_owned()));
        }
        if start > offset {
            return None;
        }
        start += line.len();
    }
    None
}

/// The mark of a template right at a place, closed on its line; one that is further away may be a text in quotes.
fn template(text: &str, offset: usize) -> Found {
    let near = offset.saturating_sub(2)..=offset.saturating_add(1);
    near.into_iter().find_map(|at| {
        let line = text.get(at..)?.lines().next()?;
        let (mark, _) = [("{{", "}}"), ("{%", "%}")]
            .into_iter()
            .find(|(begin, end)| line.starts_with(begin) && line.contains(end))?;
        Some((at, format!("{mark} begins a template, which is no manifest yet; render it first")))
    })
}

/// Dashes that look like the separator of documents.
fn separator((start, line): Line<'_>) -> Found {
    let behind = line.trim_start_matches('-');
    let dashes = line.len() - behind.len();
    if dashes > 3 && behind.trim().is_empty() {
        return Some((start, format!("{dashes} dashes are a text in YAML; documents are separated by three: ---")));
    }
    let word = behind.trim_start();
    // These begin a document, a comment or a property on the line of the marker.
    let is_word = dashes == 3 && behind.len() > word.len() && !word.is_empty();
    if !is_word || word.starts_with(['#', '{', '[', '|', '>', '&', '*', '!', '"', '\'', '%']) {
        return None;
    }
    let at = start + line.len() - word.len();
    Some((
        at,
        "what stands behind --- begins the document; put it on the next line, or make a title a comment: --- # title"
            .to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Format, Limits, read_all, read_any};

    #[test]
    fn what_people_do_is_named_at_its_line() {
        for (text, line, column, part) in [
            ("a: 1\nname: {{ .Values.name }}\n", 2, 7, "template"),
            ("{{- if .on }}\na: 1\n{{- end }}\n", 1, 1, "template"),
            ("{% if x %}\na: 1\n", 1, 1, "template"),
            ("a: 1\n{% if x %}\nb: 1\n", 2, 1, "template"),
            ("a: 1\n{{ include \"x\" . }}\nb: 1\n", 2, 1, "template"),
            ("{\"a\": {{ x }}}", 1, 7, "template"),
            ("--- first\na: 1\n", 1, 5, "comment"),
            ("a: 1\n--- second one\nb: 1\n", 2, 5, "comment"),
            ("--- a: x\nb: {}\n", 1, 5, "comment"),
            ("----\na: 1\n", 1, 1, "4 dashes"),
            ("a: 1\n-----\nb: 1\n", 2, 1, "5 dashes"),
            ("a: 1\r\n----\r\nb: 1\r\n", 2, 1, "4 dashes"),
            ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n", 2, 1, "merge"),
            ("<<<<<<< HEAD\na: 1\n=======\n", 1, 1, "merge"),
            ("a:\n  b:\n<<<<<<< HEAD\n    c: 1\n=======\n", 3, 1, "merge"),
            ("{\"a\": 1,\n<<<<<<< HEAD\n\"b\": 2}", 2, 1, "merge"),
            ("{\"a\": 1\n=======\n}", 2, 1, "merge"),
            ("a: 1\n---\n\u{feff}b: 2\n", 3, 1, "byte order mark"),
            ("a: 1\n\u{feff}---\nb: 2\n", 2, 1, "byte order mark"),
        ] {
            let error = read_any(text.as_bytes(), None, &Limits::default()).expect_err(text);
            assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
            assert!(error.message.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn what_is_readable_or_wrong_otherwise_stays_as_it_is() {
        for text in
            ["a: '{{ x }}'\n", "--- # title\na: 1\n", "--- {a: 1}\n", "a: |\n  ----\n  <<<<<<< x\n", "--- |\n  a\n"]
        {
            assert!(read_any(text.as_bytes(), None, &Limits::default()).is_ok(), "{text:?}");
        }
        for (text, part) in
            [("a: {b: 1\n", "YAML"), ("a: 1\n--- {\n", "YAML"), ("a: \"{% x\"\n\n\n\n\n\tb: 1\n", "tab")]
        {
            let error = read_all(text.as_bytes(), Format::Yaml, &Limits::default()).expect_err(text);
            assert!(error.message.contains(part), "{text:?}: {error}");
        }
    }
}
