//! Judges a whole document: its envelope, its members, its name, and what it leaves out.

use std::borrow::Cow;

use super::diagnostics::Diagnostics;
use super::envelope::{self, Caller};
use super::structure::{self, ValidationMode};
use super::{defaults, name, secret, shape};
use crate::diagnostic::{Code, Diagnostic, Severity, listed};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;

/// What becomes of members that the kind does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// Each is a warning. Within `spec` it is kept, elsewhere dropped.
    #[default]
    Warn,
    /// Each refuses the document.
    Strict,
    /// As `Warn`, and nothing is said of it.
    Ignore,
}

impl FieldValidation {
    /// How much an unknown member matters.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            FieldValidation::Warn => Some(Severity::Warning),
            FieldValidation::Strict => Some(Severity::Error),
            FieldValidation::Ignore => None,
        }
    }
}

/// How a document is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// Where the document goes.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) caller: Caller,
    pub(crate) unknown: Option<Severity>,
    /// Documents that fill what it leaves out, the strongest first; none when nothing is filled in.
    pub(crate) layers: Option<&'a [&'a Json]>,
}

/// Judges a document and brings it into the form that is stored.
pub(crate) fn judge(kind: &Kind, document: &mut Json, terms: Terms<'_>, remarks: &mut Diagnostics) {
    if let Json::Object(members) = document {
        envelope::admit(kind, terms.namespace, terms.caller, terms.unknown, members, remarks);
    }
    let withheld = terms.layers.map(|layers| defaults::fill(kind, document, layers)).unwrap_or_default();
    let fills = terms.layers.is_some();
    let mode = ValidationMode { fills, withheld: &withheld, unknown: terms.unknown, is_lenient: true };
    structure::validate(&kind.schema, document, mode, remarks);
    let name = document.get("metadata").and_then(|metadata| metadata.get("name"));
    if let (Some(naming), Some(Json::String(text))) = (kind.naming, name) {
        remarks.problems.extend(name::judge(naming, text));
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

/// Every problem of a document in the order of their places, with its place in the text, and without its secrets.
pub(crate) fn placed(kind: &Kind, text: &Document, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // What stands for a number that cannot be kept has another type, which is no fault of its own.
    let is_unkept = |pointer: &str| text.problems.iter().any(|unkept| unkept.pointer == pointer);
    problems.retain(|problem| problem.code != Code::HasWrongType || !is_unkept(&problem.pointer));
    problems.iter_mut().for_each(|problem| secret::hush(kind, problem));
    let mut problems = listed(problems);
    let moved = if kind.flat.is_some() { shape::flat_pointers(kind) } else { Vec::new() };
    text.locate_moved(&mut problems, &moved);
    problems
}

/// What creating a resource of this document would say, as far as no store is needed for it: all errors, then all
/// warnings, each with its place. The value of the document becomes what would be stored: in form, with its defaults, and
/// without what the server owns. `layers` are documents whose specs are defaults, the strongest first. Whether a name is free and
/// what is referred to exists, only a store can say.
///
/// ```
/// use kindstore::{FieldValidation, Format, Limits, Registry, read, validate};
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
        return placed(kind, document, vec![Diagnostic::error("", Code::HasWrongType, message)]);
    }
    let mut value = shape::to_envelope(kind, Cow::Owned(std::mem::take(&mut document.value))).into_owned();
    shape::put_metadata(&mut value);
    let mut remarks = Diagnostics::default();
    let unknown = field_validation.severity();
    // Whatever namespace the document says is where it goes.
    let namespace =
        value.get("metadata").and_then(|metadata| metadata.get("namespace")).and_then(Json::as_str).map(str::to_owned);
    let terms = Terms { namespace: namespace.as_deref(), caller: Caller::User, unknown, layers: Some(layers) };
    judge(kind, &mut value, terms, &mut remarks);
    remarks.problems.extend(unkept(kind, document, &value));
    document.value = value;
    if remarks.problems.is_empty() && remarks.warnings.is_empty() {
        return Vec::new();
    }
    let mut found = placed(kind, document, remarks.problems);
    found.extend(placed(kind, document, remarks.warnings));
    found
}
