//! A document held against the built-in kinds.

use std::sync::LazyLock;

use kindstore::kind::Kind;
use kindstore::manifest::{Format, Limits, read};
use kindstore::validation::{Severity, effective_values};
use kindstore::{Diagnostic, Document, FieldValidation, Json, Registry};

/// Loaded once for all inputs.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::builtin().expect("the definitions load"));

/// A document of any kind is judged with every problem in its text; one without problems is in form, and stays as it is
/// when it is judged again.
pub fn validate(input: &[u8]) {
    for format in [Format::Json, Format::Yaml] {
        let Ok(document) = read(input, format, &Limits::default()) else { continue };
        let claimed = document.value.get("kind").and_then(Json::as_str).and_then(|name| REGISTRY.find(name));
        let kinds = REGISTRY.kinds();
        let any = &kinds[input.len() % kinds.len()];
        let kind = claimed.unwrap_or(any);
        let mut judged = document.clone();
        let found = kindstore::validation::validate(kind, &mut judged, &[], FieldValidation::Warn);
        found.iter().for_each(|problem| is_placed(input, problem));
        let _ = effective_values(kind, &document.value, &[]);
        let strict = kindstore::validation::validate(kind, &mut document.clone(), &[], FieldValidation::Strict);
        assert_eq!(strict.is_empty(), found.is_empty(), "strictness makes warnings errors");
        if found.iter().all(|problem| problem.severity == Severity::Warning) {
            // A null that kept a default away is gone by now, so that the second time fills what the first did not.
            let twice = again(kind, judged);
            let thrice = again(kind, twice.clone());
            assert_eq!(thrice.value, twice.value, "what is in form stays as it is");
        }
    }
}

fn again(kind: &Kind, mut document: Document) -> Document {
    let problems = kindstore::validation::validate(kind, &mut document, &[], FieldValidation::Ignore);
    assert_eq!(problems, [], "what was brought into form has no problems");
    document
}

fn is_placed(input: &[u8], problem: &Diagnostic) {
    let span = problem.span.expect("a document that was text has places");
    assert!(span.start.byte <= span.end.byte && span.end.byte <= input.len(), "{problem:?}");
    assert!(span.start.line >= 1 && span.start.column >= 1 && span.end.line >= span.start.line, "{problem:?}");
    assert!(!problem.message.is_empty() && !problem.attribute().is_empty());
}
