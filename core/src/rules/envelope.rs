//! The envelope of a document: its kind, apiVersion and namespace, and the members that users or the system own.

use super::diagnostics::Diagnostics;
use super::suggestion::suggestion;
use crate::diagnostic::{Code, Diagnostic, Severity, shown};
use crate::json::{Json, Members, join, segments};
use crate::kind::{Kind, Schema};

/// The caller that brings a document: a user or the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Server-owned members are ignored.
    User,
    /// Status and the system's metadata are taken.
    System,
}

/// The number of diagnostics after which unknown members get no suggestion any more.
const MAX_SUGGESTIONS: usize = 50;

/// Members of metadata that the store itself writes, for every caller.
const STAMPED: [&str; 4] = ["id", "createdAt", "modifiedAt", "resourceVersion"];

/// The context in which a document is validated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValidationContext<'a> {
    /// The namespace that the document goes to.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) caller: Caller,
    /// The severity of members that the kind does not know; `None` does not report them.
    pub(crate) unknown: Option<Severity>,
    /// Documents with defaults, the strongest first; `None` fills no defaults.
    pub(crate) layers: Option<&'a [&'a Json]>,
}

/// The names that members of one object of the envelope may have.
struct KnownMembers<'a> {
    schema: &'a Schema,
    /// Those that no schema declares.
    others: &'a [&'static str],
    /// Those that a suggestion may name besides: the members of the flat form.
    flat: Vec<&'a str>,
}

impl ValidationContext<'_> {
    /// Checks the identity that a document claims against its address, and removes the members that the caller may not set
    /// and those that the kind does not know.
    pub(super) fn admit(&self, kind: &Kind, document: &mut Members, diagnostics: &mut Diagnostics) {
        claim(document, "", "kind", &kind.name, diagnostics);
        claim(document, "", "apiVersion", &kind.api_version, diagnostics);
        // No schema declares them.
        document.remove("kind");
        document.remove("apiVersion");
        if self.caller == Caller::User {
            document.remove("status");
        }
        // A flat document has become an envelope, and its unknown members stand at the top.
        let flat = kind.flat.iter().flat_map(|flat| flat.members.keys()).map(String::as_str).collect();
        let known = KnownMembers { schema: &kind.schema, others: &["kind", "apiVersion", "status"], flat };
        self.drop_unknown(document, "", &known, diagnostics);
        if let Some(Json::Object(metadata)) = document.get_mut("metadata") {
            self.admit_metadata(kind, metadata, diagnostics);
        }
    }

    fn admit_metadata(&self, kind: &Kind, metadata: &mut Members, diagnostics: &mut Diagnostics) {
        // The namespace is the path's, whatever the document says of it.
        let namespace = metadata.remove("namespace");
        if let (Some(expected), Some(given)) = (self.namespace, namespace) {
            compare_namespaces(&given, expected, diagnostics);
        }
        // Ignored rather than refused: users send back the documents that they have read.
        let is_owned = |name: &String| is_stamped(name) || (self.caller == Caller::User && is_read_only(kind, name));
        if metadata.keys().any(is_owned) {
            metadata.retain(|name, _| !is_owned(name));
        }
        if let Some(schema) = kind.schema.properties.get("metadata") {
            let known = KnownMembers { schema, others: &STAMPED, flat: Vec::new() };
            self.drop_unknown(metadata, "/metadata", &known, diagnostics);
        }
    }

    fn drop_unknown(
        &self,
        members: &mut Members,
        parent: &str,
        known: &KnownMembers<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        if members.keys().all(|name| known.has(name)) {
            return;
        }
        members.retain(|name, _| {
            let is_known = known.has(name);
            if let Some(severity) = self.unknown.filter(|_| !is_known) {
                let message = match severity {
                    Severity::Error => "is not a known member",
                    Severity::Warning => "is not a known member and was dropped",
                };
                let diagnostic = Diagnostic::error(join(parent, name), Code::IsUnknown, message);
                // A suggestion compares the name with every known word; a text of a megabyte could ask for thousands.
                let told = diagnostics.problems.len() + diagnostics.warnings.len();
                let word = if told < MAX_SUGGESTIONS { suggestion(name, known.words()) } else { None };
                diagnostics.add(severity, diagnostic.with_suggestion(word));
            }
            is_known
        });
    }
}

impl KnownMembers<'_> {
    fn has(&self, name: &str) -> bool {
        self.schema.properties.contains_key(name) || self.others.contains(&name)
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.schema.properties.keys().map(String::as_str).chain(self.others.iter().chain(&self.flat).copied())
    }
}

/// The members that only the system writes.
pub(crate) fn owned_pointers(kind: &Kind) -> Vec<String> {
    let metadata = kind.schema.properties.get("metadata");
    let read_only = metadata.iter().flat_map(|schema| schema.properties.iter().filter(|(_, member)| member.read_only));
    let read_only = read_only.map(|(name, _)| name.as_str()).filter(|name| !STAMPED.contains(name));
    let names = STAMPED.into_iter().chain(read_only);
    names.map(|name| join("/metadata", name)).chain(["/status".to_owned()]).collect()
}

/// Whether a pointer leads to a member that only the system writes, or into one.
pub(crate) fn is_owned(kind: &Kind, pointer: &str) -> bool {
    let mut path = segments(pointer);
    match (path.next().as_deref(), path.next()) {
        (Some("metadata"), Some(name)) => is_stamped(&name) || is_read_only(kind, &name),
        (first, _) => first == Some("status"),
    }
}

fn is_stamped(name: &str) -> bool {
    STAMPED.contains(&name)
}

fn is_read_only(kind: &Kind, name: &str) -> bool {
    kind.metadata_schema(name).is_some_and(|member| member.read_only)
}

/// Warns of a namespace that is another one than the path's.
// Documents are copied from one namespace to another, and examples of published clients name any; the path counts.
fn compare_namespaces(given: &Json, expected: &str, diagnostics: &mut Diagnostics) {
    let pointer = join("/metadata", "namespace");
    match given {
        Json::Null => {}
        Json::String(text) if text == expected || text.is_empty() => {}
        Json::Array(_) | Json::Object(_) => {
            let message = format!("must be a string, not {}", given.type_name());
            diagnostics.problems.push(Diagnostic::error(pointer, Code::HasWrongType, message));
        }
        other => {
            let given = shown(&other.to_text());
            let message = format!("is {given}, and the resource goes to the namespace {expected:?} of the request");
            diagnostics.add(Severity::Warning, Diagnostic::error(pointer, Code::IsInvalid, message));
        }
    }
}

/// A member that may be absent or null, and otherwise must be this.
fn claim(members: &Members, parent: &str, name: &str, expected: &str, diagnostics: &mut Diagnostics) {
    match members.get(name) {
        // A document may leave its identity to the address; if it names one, the two must agree.
        None | Some(Json::Null) => {}
        Some(Json::String(text)) if text == expected => {}
        Some(other) => {
            let message = format!("must be {expected:?} here, not {}", shown(&other.to_text()));
            diagnostics.problems.push(Diagnostic::error(join(parent, name), Code::IsInvalid, message));
        }
    }
}
