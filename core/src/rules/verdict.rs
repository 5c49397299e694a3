//! What the rules say of a document before anybody knows what a store holds.

use super::defaults;
use super::envelope::{self, Door, Remarks};
use super::immutable::put;
use super::structure::{self, Manner};
use super::{name, secret, shape};
use crate::diagnostic::{Code, Diagnostic, Severity, listed};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;

/// The most that is remarked about one document.
pub(crate) const MOST_WARNINGS: usize = 100;

/// What a document is held against, beside its kind.
pub(crate) struct Terms<'a> {
    /// The namespace that it goes to.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) door: Door,
    /// How much a member matters that the kind does not know; none to say nothing of it.
    pub(crate) unknown: Option<Severity>,
    /// Whether what is left out takes defaults.
    pub(crate) fills: bool,
    /// Documents with defaults, the strongest first.
    pub(crate) layers: &'a [&'a Json],
}

/// Brings an enveloped document into form and remarks what is wrong with it: envelope, structure and name.
pub(crate) fn settle(kind: &Kind, document: &mut Json, terms: &Terms<'_>, remarks: &mut Remarks) {
    if let Json::Object(members) = &mut *document {
        envelope::admit(kind, terms.namespace, terms.door, terms.unknown, members, remarks);
    }
    let withheld = if terms.fills { defaults::fill(kind, document, terms.layers) } else { Vec::new() };
    let manner = Manner { fills: terms.fills, withheld: &withheld, unknown: terms.unknown, is_lenient: true };
    structure::judge(&kind.schema, document, manner, remarks);
    if let (Some(naming), Some(Json::String(text))) = (kind.naming, document.at("/metadata/name")) {
        remarks.problems.extend(name::judge(naming, text));
    }
}

/// The numbers of a text that cannot be kept and matter: they are in what is taken from the document, and no string is
/// declared in their place. In the flat form members have other places, so that all matter.
pub(crate) fn lost_numbers<'d>(
    kind: &'d Kind,
    document: &'d Json,
    text: &'d Document,
) -> impl Iterator<Item = Diagnostic> + 'd {
    let matters = |problem: &&Diagnostic| {
        kind.flat.is_some()
            || (document.at(&problem.pointer).is_some() && !structure::declares_string(&kind.schema, &problem.pointer))
    };
    text.problems.iter().filter(matters).cloned()
}

/// Problems as they are told: without what they quote of secrets, in order, each with its place in the text.
pub(crate) fn told(kind: &Kind, text: &Document, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    problems.iter_mut().for_each(|problem| secret::hush(kind, problem));
    let mut problems = listed(problems);
    // In the flat form members have other places.
    let moved = if kind.flat.is_some() { shape::flat_pointers(kind) } else { Vec::new() };
    text.locate_moved(&mut problems, &moved);
    problems
}

/// What is wrong with the document of a new resource, as far as that can be told without a store: whether what it
/// refers to is there cannot. Errors and warnings, in the order of their places. `namespace` is where the resource goes,
/// `unknown` says how much a member matters that the kind does not know, and `layers` are documents with defaults, the
/// strongest first.
///
/// ```
/// use kindstore::{Format, Limits, Registry, Severity, judge_document, read};
/// let registry = Registry::builtin()?;
/// let kind = registry.require("Deployment")?;
/// let text = b"metadata: {name: Jobs}\nspec: {}\n";
/// let document = read(text, Format::Yaml, &Limits::default())?;
/// let problems = judge_document(kind, Some("default"), &document, Some(Severity::Warning), &[]);
/// let name = problems.iter().find(|problem| problem.pointer == "/metadata/name").expect("a bad name");
/// assert_eq!(name.span.map(|span| (span.start.line, span.start.column)), Some((1, 18)));
/// # Ok::<(), kindstore::Error>(())
/// ```
pub fn judge_document(
    kind: &Kind,
    namespace: Option<&str>,
    document: &Document,
    unknown: Option<Severity>,
    layers: &[&Json],
) -> Vec<Diagnostic> {
    if document.value.as_object().is_none() {
        let message = format!("a resource must be an object here, not {}", document.value.type_name());
        return told(kind, document, vec![Diagnostic::error("", Code::HasWrongType, message)]);
    }
    let mut remarks = Remarks::default();
    let mut value = shape::to_envelope(kind, document.value.clone());
    if value.get("metadata").is_none_or(Json::is_null) {
        put(&mut value, "/metadata", Json::object());
    }
    settle(kind, &mut value, &Terms { namespace, door: Door::User, unknown, fills: true, layers }, &mut remarks);
    let mut problems = remarks.problems;
    problems.extend(lost_numbers(kind, &value, document));
    let mut problems = told(kind, document, problems);
    remarks.warnings.truncate(MOST_WARNINGS);
    problems.extend(told(kind, document, remarks.warnings));
    problems.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is said of a document of the kind Deployment, place and code.
    fn said(document: serde_json::Value) -> Vec<(String, Code)> {
        let kind = Kind::parse(
            "{kind: Deployment, apiVersion: v1, description: d, group: /g, plural: ps, singular: s, scope: namespaced,
              managedBy: user, key: name, naming: label, verbs: [create], schema: {type: object, required: [metadata],
              properties: {metadata: {type: object, required: [name], properties: {name: {type: string}}},
              spec: {type: object, properties: {count: {type: integer}}}}}}",
        );
        let problems = judge_document(
            &kind.expect("a kind"),
            Some("default"),
            &Json::from(document).into(),
            Some(Severity::Error),
            &[],
        );
        problems.into_iter().map(|problem| (problem.pointer, problem.code)).collect()
    }

    #[test]
    fn what_every_document_says_of_itself_is_known() {
        let document =
            json!({"kind": "Deployment", "apiVersion": "v1", "metadata": {"name": "a", "namespace": "default"}});
        assert_eq!(said(document), []);
    }

    #[test]
    fn all_that_is_wrong_is_told_in_the_order_of_places() {
        let found = said(json!({"kind": "Job", "spec": {"count": "x", "cuont": 1}}));
        let expected = [
            ("/kind", Code::IsInvalid),
            ("/metadata/name", Code::IsMissing),
            ("/spec/count", Code::HasWrongType),
            ("/spec/cuont", Code::IsUnknown),
        ];
        assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        assert_eq!(said(json!([])), [(String::new(), Code::HasWrongType)]);
    }
}
