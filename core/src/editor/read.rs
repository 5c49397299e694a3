//! Scans the document that the cursor is in, and finds names in the documents beside it.

use std::borrow::Cow;

use super::scan::{ROOT, Scan};
use super::token::{is_blank, line_end, next_line, skip_blanks};
use super::{block, flow};
use crate::manifest::Format;

/// Scans the document of the cursor. A cursor beyond the text is moved to its end, and one within a character before it.
pub(super) fn scan(text: &str, offset: usize, format: Format) -> Scan<'_> {
    let mut at = text.floor_char_boundary(offset.min(text.len()));
    // Between the two characters of one line break there is no place to type.
    if text[..at].ends_with('\r') && text[at..].starts_with('\n') {
        at -= 1;
    }
    let found = Documents::of(text, format).take_while(|document| document.marker <= at).last();
    let document = found.unwrap_or(Document { marker: 0, start: 0, end: text.len() });
    let mut scan = Scan::new(text, document.start..document.end, at, format);
    if is_on_marker(&scan, &document) {
        scan.settle(None);
    }
    run(&mut scan, document.start);
    scan
}

fn run(scan: &mut Scan<'_>, start: usize) {
    match scan.format {
        Format::Json => flow::document(scan, start),
        Format::Yaml => block::document(scan, start),
    }
}

/// Whether the cursor is on the line that begins a document, where nothing can be typed.
fn is_on_marker(scan: &Scan<'_>, document: &Document) -> bool {
    document.marker < document.start
        && scan.at <= document.start
        && (scan.at <= document.marker + MARKER || scan.text[document.marker..scan.at].trim_end().len() == MARKER)
}

/// Returns the names of the resources of a kind in all documents of the text.
pub(super) fn names_of<'t>(scan: &Scan<'t>, kind: &str) -> Vec<Cow<'t, str>> {
    let mut names = Vec::new();
    let (all, format) = (scan.all, scan.format);
    // A cheap filter: scanning every document of a long text would take longer than a keystroke.
    let has_kind = |document: &Document| all[document.start..document.end].contains(kind);
    for document in Documents::of(all, format).filter(has_kind) {
        let mut scan = Scan::new(all, document.start..document.end, document.start, format);
        run(&mut scan, document.start);
        if scan.word(ROOT, "kind").as_deref() != Some(kind) {
            continue;
        }
        let metadata = scan.children(ROOT).find(|(_, slot)| scan.name(slot).as_deref() == Some("metadata"));
        names.extend(metadata.and_then(|(metadata, _)| scan.word(metadata, "name")));
    }
    names
}

/// How long the line is that separates documents of YAML: `---` or `...`.
const MARKER: usize = 3;

/// Where a document is.
struct Document {
    /// Where its marker line begins; the same as `start` without one.
    marker: usize,
    start: usize,
    end: usize,
}

/// The documents of a text, one after another.
struct Documents<'t> {
    text: &'t str,
    /// Where the next one begins, and where its first line does.
    next: Option<(usize, usize)>,
    format: Format,
}

impl<'t> Documents<'t> {
    fn of(text: &'t str, format: Format) -> Self {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, next: Some((start, start)), format }
    }
}

impl Iterator for Documents<'_> {
    type Item = Document;

    fn next(&mut self) -> Option<Document> {
        let (marker, start) = self.next.take()?;
        // Content may stand behind the marker in its line, and a marker is no content.
        let mut line = if marker == start { Some(start) } else { next_line(self.text, line_end(self.text, start)) };
        while let Some(begin) = line.filter(|_| self.format == Format::Yaml) {
            let end = line_end(self.text, begin);
            if is_marker(&self.text[begin..end]) {
                let content = skip_blanks(self.text, begin + MARKER, end);
                self.next = Some((begin, if content == end { end } else { begin + MARKER }));
                return Some(Document { marker, start, end: begin });
            }
            line = next_line(self.text, end);
        }
        Some(Document { marker, start, end: self.text.len() })
    }
}

/// Whether a line begins or ends a document of YAML.
fn is_marker(line: &str) -> bool {
    let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    rest.is_some_and(|rest| rest.as_bytes().first().is_none_or(|next| is_blank(*next)))
}
