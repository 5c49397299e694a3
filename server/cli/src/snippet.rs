//! Problems as rustc shows them: the line of the file, carets under the problem, and the fix.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use kindstore::Diagnostic;
use kindstore::validation::{Severity, Span};

use super::safe::{self, sentence};
use super::verdict::{Judged, count, problems};

/// The widest that a picture is drawn where there is no terminal.
const WIDTH: usize = 140;

/// All problems, in colour, and how many there are.
pub(crate) fn render(judged: &[Judged], width: Option<usize>) -> String {
    let renderer = Renderer::styled().term_width(width.unwrap_or(WIDTH));
    let mut text = String::new();
    for (judged, problem) in problems(judged) {
        text.push_str(&picture(&renderer, judged, problem));
        text.push_str("\n\n");
    }
    text + &summary(judged)
}

fn picture(renderer: &Renderer, judged: &Judged, problem: &Diagnostic) -> String {
    let Judged { origin, text: source, guard, .. } = judged;
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(sentence(&title(problem))).id(problem.code.as_str());
    let mut group = Group::with_title(title);
    if let Some(span) = problem.span {
        let (line, start, range) = cut(source, span);
        let line = safe::in_place(&guard.line(start, line));
        let place = AnnotationKind::Primary.span(range);
        group =
            group.element(Snippet::source(line).path(sentence(origin)).line_start(span.start.line).annotation(place));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(sentence(hint)));
    }
    renderer.render(&[group])
}

/// The problem in one line.
pub(crate) fn title(problem: &Diagnostic) -> String {
    match problem.pointer.as_str() {
        "" => problem.message.clone(),
        _ => format!("{}: {}", problem.attribute(), problem.message),
    }
}

/// The line on which a span begins, where it begins, and the part of the span that is on it. A problem of a whole block is
/// shown at its beginning.
fn cut(source: &str, span: Span) -> (&str, usize, std::ops::Range<usize>) {
    let start = source.floor_char_boundary(span.start.byte);
    // YAML ends a line with either, so a lone carriage return counts (YAML 1.2.2, section 5.4).
    let breaks = ['\n', '\r'];
    let begin = source[..start].rfind(breaks).map_or(0, |at| at + 1);
    let end = source[start..].find(breaks).map_or(source.len(), |at| start + at);
    let line = &source[begin..end];
    // A byte order mark is not shown, so places behind it move by its length.
    let (line, mark) = match line.strip_prefix('\u{feff}') {
        Some(rest) => (rest, '\u{feff}'.len_utf8()),
        None => (line, 0),
    };
    let at = |byte: usize| source.floor_char_boundary(byte).clamp(start, end).saturating_sub(begin + mark);
    (line, begin + mark, at(span.start.byte)..at(span.end.byte))
}

fn summary(judged: &[Judged]) -> String {
    let documents: usize = judged.iter().map(|text| text.documents.len()).sum();
    let (errors, warnings) = (count(judged, Severity::Error), count(judged, Severity::Warning));
    let word = if errors == 0 { "valid" } else { "not valid" };
    let read = format!("{} in {}", counted(documents, "document"), counted(judged.len(), "file"));
    format!("{word}: {read}, {}, {}\n", counted(errors, "error"), counted(warnings, "warning"))
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

#[cfg(test)]
mod tests {
    use kindstore::validation::{Code, Position};

    use super::super::guard::Guard;
    use super::*;

    #[test]
    fn a_problem_of_many_lines_is_shown_at_its_first() {
        let source = "\u{feff}a: é\r\nb: |\r\n  long\r\n";
        let place = |byte: usize| Position { line: 1, column: 1, utf16_column: 1, byte, character: 0, utf16: 0 };
        let span = |start: usize, end: usize| Span { start: place(start), end: place(end) };
        assert_eq!(cut(source, span(6, 8)), ("a: é", 3, 3..5));
        assert_eq!(cut(source, span(10, 23)), ("b: |", 10, 0..4));
        let (line, _, range) = cut(source, span(99, 99));
        assert_eq!((line, range), ("", 0..0));
    }

    #[test]
    fn control_characters_of_a_text_do_not_reach_the_terminal() {
        let place = |byte: usize| Position { line: 1, column: 1, utf16_column: 1, byte, character: 0, utf16: 0 };
        let problem = Diagnostic {
            span: Some(Span { start: place(0), end: place(1) }),
            ..Diagnostic::error("/a", Code::IsInvalid, "is \u{1b}[2J").with_hint("\u{7}no")
        };
        let (origin, text) = ("a\u{1b}.yaml".into(), "a: \u{1b}[2J\u{9b}1m\n".to_owned());
        let judged = Judged { origin, text, guard: Guard::Values(Vec::new()), documents: Vec::new() };
        let text = picture(&Renderer::plain(), &judged, &problem);
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
    }
}
