//! From what is remarked about a document to its message.

use kindstore::Diagnostic;
use kindstore::validation::Position;
use kindstore_proto::v1;

pub(super) fn diagnostic(diagnostic: &Diagnostic) -> v1::Diagnostic {
    v1::Diagnostic {
        pointer: diagnostic.pointer.clone(),
        attribute: diagnostic.attribute(),
        reason: diagnostic.code.as_str().to_owned(),
        message: diagnostic.message.clone(),
        hint: diagnostic.hint.clone().unwrap_or_default(),
        span: diagnostic.span.map(|span| v1::Span { start: Some(position(span.start)), end: Some(position(span.end)) }),
    }
}

fn position(position: Position) -> v1::Position {
    // A text has a few MiB at the most.
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    v1::Position {
        line: count(position.line),
        column: count(position.column),
        utf16_column: count(position.utf16_column),
        byte: count(position.byte),
        character: count(position.character),
        utf16: count(position.utf16),
    }
}
