//! What a document's envelope may say: its kind, apiVersion and namespace, which members belong to users, which to the
//! system.

use crate::diagnostic::{Cause, Diagnostic, shown};
use crate::json::{Json, Members, join};
use crate::kind::{Kind, Schema};

/// By which door a document comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Server-owned members are ignored whatever they hold.
    User,
    /// Status and the system's metadata are taken.
    System,
}

/// What was remarked about a document, in the order in which it was found.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    /// What refuses it.
    pub(crate) problems: Vec<Diagnostic>,
    /// What does not.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Members of metadata that the store itself writes, by whichever door a document comes in.
const STAMPED: [&str; 4] = ["id", "createdAt", "modifiedAt", "resourceVersion"];

/// Checks the identity that a document claims against where it goes, and leaves in it only what the door lets in.
pub(crate) fn admit(kind: &Kind, namespace: Option<&str>, door: Door, document: &mut Members, remarks: &mut Remarks) {
    claim(document, "", "kind", &kind.name, remarks);
    claim(document, "", "apiVersion", &kind.api_version, remarks);
    if door == Door::User {
        document.remove("status");
    }
    drop_unknown(document, &kind.schema, "", &["kind", "apiVersion", "status"], remarks);
    if let Some(Json::Object(metadata)) = document.get_mut("metadata") {
        if let Some(namespace) = namespace {
            claim(metadata, "/metadata", "namespace", namespace, remarks);
        }
        // The namespace is the path's; what the document says of it was checked above.
        metadata.remove("namespace");
        metadata.retain(|name, _| !STAMPED.contains(&name.as_str()));
        if let Some(schema) = kind.schema.properties.get("metadata") {
            if door == Door::User {
                metadata.retain(|name, _| !schema.properties.get(name).is_some_and(|member| member.read_only));
            }
            drop_unknown(metadata, schema, "/metadata", &STAMPED, remarks);
        }
    }
}

/// A member that may be absent or null, and otherwise must be this.
fn claim(members: &Members, parent: &str, name: &str, expected: &str, remarks: &mut Remarks) {
    match members.get(name) {
        None | Some(Json::Null) => {}
        Some(Json::String(text)) if text == expected => {}
        Some(other) => {
            let message = format!("must be {expected:?} here, not {}", shown(&other.to_text()));
            remarks.problems.push(Diagnostic::error(join(parent, name), Cause::IsInvalid, message));
        }
    }
}

fn drop_unknown(members: &mut Members, schema: &Schema, parent: &str, known: &[&str], remarks: &mut Remarks) {
    members.retain(|name, _| {
        let is_known = schema.properties.contains_key(name) || known.contains(&name.as_str());
        if !is_known {
            let message = "is not a known member and was dropped";
            remarks.warnings.push(Diagnostic::warning(join(parent, name), Cause::IsUnknown, message));
        }
        is_known
    });
}
