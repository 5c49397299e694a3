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

/// Checks the identity that a document claims against its address, and removes the members that the caller may not set.
/// `unknown` is the severity of members that the kind does not know; they are removed in any case.
pub(crate) fn admit(
    kind: &Kind,
    namespace: Option<&str>,
    caller: Caller,
    unknown: Option<Severity>,
    document: &mut Members,
    diagnostics: &mut Diagnostics,
) {
    claim(document, "", "kind", &kind.name, diagnostics);
    claim(document, "", "apiVersion", &kind.api_version, diagnostics);
    // No schema declares them.
    document.remove("kind");
    document.remove("apiVersion");
    if caller == Caller::User {
        document.remove("status");
    }
    // A flat document has become an envelope, and its unknown members stand at the top.
    let flat = kind.flat.iter().flat_map(|flat| flat.members.keys()).map(String::as_str);
    let also: Vec<&str> = flat.collect();
    drop_unknown(document, &kind.schema, ("", &also), &["kind", "apiVersion", "status"], unknown, diagnostics);
    if let Some(Json::Object(metadata)) = document.get_mut("metadata") {
        if let Some(namespace) = namespace {
            claim(metadata, "/metadata", "namespace", namespace, diagnostics);
        }
        // The namespace is the path's; what the document says of it was checked above.
        metadata.remove("namespace");
        let schema = kind.schema.properties.get("metadata");
        // Ignored rather than refused: users send back the documents that they have read.
        let is_owned = |name: &String| is_stamped(name) || (caller == Caller::User && is_read_only(kind, name));
        if metadata.keys().any(is_owned) {
            metadata.retain(|name, _| !is_owned(name));
        }
        if let Some(schema) = schema {
            drop_unknown(metadata, schema, ("/metadata", &[]), &STAMPED, unknown, diagnostics);
        }
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

/// `also` are words that a suggestion may use besides those that are known.
fn drop_unknown(
    members: &mut Members,
    schema: &Schema,
    (parent, also): (&str, &[&str]),
    known: &[&str],
    unknown: Option<Severity>,
    diagnostics: &mut Diagnostics,
) {
    let is_known = |name: &String| schema.properties.contains_key(name) || known.contains(&name.as_str());
    if members.keys().all(is_known) {
        return;
    }
    members.retain(|name, _| {
        let is_known = is_known(name);
        if let Some(severity) = unknown.filter(|_| !is_known) {
            let words = schema.properties.keys().map(String::as_str).chain(known.iter().chain(also).copied());
            let message = match severity {
                Severity::Error => "is not a known member",
                Severity::Warning => "is not a known member and was dropped",
            };
            let diagnostic = Diagnostic::error(join(parent, name), Code::IsUnknown, message);
            // A suggestion compares the name with every known word; a text of a megabyte could ask for thousands.
            let told = diagnostics.problems.len() + diagnostics.warnings.len();
            let word = if told < MAX_SUGGESTIONS { suggestion(name, words) } else { None };
            diagnostics.add(severity, diagnostic.with_suggestion(word));
        }
        is_known
    });
}
