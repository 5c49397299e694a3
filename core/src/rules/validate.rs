//! Validates a whole document: its envelope, its members, its name, and its defaults.

use std::borrow::Cow;

use super::diagnostics::Diagnostics;
use super::envelope::{Caller, ValidationContext};
use super::shape::Form;
use super::structure::{self, ValidationMode};
use super::{defaults, labels, name, secret, shape};
use crate::diagnostic::{Code, Diagnostic, MAX_LISTED, Severity, listed, sort_by_place};
use crate::json::Json;
use crate::kind::{Kind, UnknownMembers};
use crate::manifest::Document;

/// How unknown members are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// Each is a warning. Within `spec` the kind says whether it is kept, elsewhere it is dropped.
    #[default]
    Warn,
    /// Each refuses the document.
    Strict,
    /// As `Warn`, without the warning.
    Ignore,
}

impl FieldValidation {
    /// The severity of an unknown member.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            FieldValidation::Warn => Some(Severity::Warning),
            FieldValidation::Strict => Some(Severity::Error),
            FieldValidation::Ignore => None,
        }
    }
}

/// Validates a document and brings it into the stored form.
pub(crate) fn check_document(
    kind: &Kind,
    document: &mut Json,
    context: ValidationContext<'_>,
    diagnostics: &mut Diagnostics,
) {
    if let Json::Object(members) = document {
        context.admit(kind, members, diagnostics);
    }
    // Defaults go in before the schema is applied, so that they are validated like the document itself.
    let excluded = context.layers.map(|layers| defaults::fill(kind, document, layers)).unwrap_or_default();
    let fills = context.layers.is_some();
    // The system writes what its own kinds of members hold.
    let drops_unknown = kind.unknown_members == UnknownMembers::Drop && context.caller == Caller::User;
    let unknown = context.unknown;
    let mode = ValidationMode { fills, excluded: &excluded, unknown, drops_unknown, is_lenient: true };
    structure::validate(&kind.schema, document, mode, diagnostics);
    let name = document.get("metadata").and_then(|metadata| metadata.get("name"));
    // A name of another type is a problem of the schema already.
    if let (Some(naming), Some(Json::String(text))) = (kind.naming, name) {
        diagnostics.problems.extend(name::check(naming, text));
    }
}

/// Problems that reading a text found and that matter: numbers that cannot be kept where a number is kept.
pub(crate) fn unkept(kind: &Kind, text: &Document, document: &Json) -> Vec<Diagnostic> {
    // In the flat form members have other places, so that all matter.
    let matters = |problem: &&Diagnostic| {
        kind.flat.is_some()
            || (document.at(&problem.pointer).is_some() && !structure::declares_string(&kind.schema, &problem.pointer))
    };
    text.problems.iter().filter(matters).cloned().collect()
}

/// Every problem of a document that came in a form, in the order of the text, with its place there, and without its secrets.
pub(crate) fn placed(kind: &Kind, text: &Document, form: Form, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // The string in the place of a number that cannot be kept has the wrong type, which is not a second problem.
    let is_unkept = |pointer: &str| text.problems.iter().any(|unkept| unkept.pointer == pointer);
    problems.retain(|problem| problem.code != Code::HasWrongType || !is_unkept(&problem.pointer));
    // Messages quote values, and responses and logs quote messages.
    problems.iter_mut().for_each(|problem| secret::hush(kind, problem));
    form.restore(kind, &mut problems);
    let mut problems = listed(problems);
    text.locate(&mut problems);
    // The count of those that are not listed stays at the end.
    let count = problems.len().min(MAX_LISTED);
    sort_by_place(&mut problems[..count]);
    problems
}

/// Validates a document as creating a resource would, without a store. Returns all errors, then all warnings, each with its
/// place. The value of the document becomes the stored one: in form, with its defaults, and without server-owned members.
/// `layers` are documents whose specs are defaults, the strongest first. Only a store can check whether a name is free and
/// whether references lead somewhere.
///
/// ```
/// use kindstore::{FieldValidation, Registry};
/// use kindstore::manifest::{Format, Limits, read};
/// use kindstore::validation::validate;
/// let registry = Registry::builtin()?;
/// let text = b"metadata:\n  name: Jobs\nspec:\n  kubernets: {}\n";
/// let mut document = read(text, Format::Yaml, &Limits::default())?;
/// let kind = registry.require("DeploymentTarget")?;
/// let found = validate(kind, &mut document, &[], FieldValidation::Strict);
/// let places: Vec<_> = found.iter().map(|problem| (problem.code.as_str(), problem.span.unwrap().start.line)).collect();
/// assert_eq!(places, [("isMissing", 3), ("isUnknown", 4)]);
/// # Ok::<(), kindstore::Error>(())
/// ```
pub fn validate(
    kind: &Kind,
    document: &mut Document,
    layers: &[&Json],
    field_validation: FieldValidation,
) -> Vec<Diagnostic> {
    if document.value.as_object().is_none() {
        let message = format!("must be an object, not {}", document.value.type_name());
        return placed(kind, document, Form::Envelope, vec![Diagnostic::error("", Code::HasWrongType, message)]);
    }
    let form = Form::of(kind, &document.value);
    let mut value = shape::to_envelope(kind, Cow::Owned(std::mem::take(&mut document.value))).into_owned();
    shape::put_metadata(&mut value);
    let mut diagnostics = Diagnostics::default();
    let unknown = field_validation.severity();
    // Without a request to compare with, the document's own namespace counts.
    let namespace =
        value.get("metadata").and_then(|metadata| metadata.get("namespace")).and_then(Json::as_str).map(str::to_owned);
    let context =
        ValidationContext { namespace: namespace.as_deref(), caller: Caller::User, unknown, layers: Some(layers) };
    check_document(kind, &mut value, context, &mut diagnostics);
    diagnostics.problems.extend(labels::check(&value, None));
    diagnostics.problems.extend(unkept(kind, document, &value));
    document.value = value;
    if diagnostics.problems.is_empty() && diagnostics.warnings.is_empty() {
        return Vec::new();
    }
    let mut found = placed(kind, document, form, diagnostics.problems);
    found.extend(placed(kind, document, form, diagnostics.warnings));
    found
}
