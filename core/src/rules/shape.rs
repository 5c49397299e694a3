//! The flat form that some kinds have in REST, to and from the envelope.

use std::borrow::Cow;

use super::immutable::put;
use crate::diagnostic::Diagnostic;
use crate::json::{Json, Members};
use crate::kind::{Flat, Kind};
use crate::object::Object;

/// The form in which a document came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Envelope,
    Flat,
}

impl Form {
    /// The form of a document of a kind.
    pub(crate) fn of(kind: &Kind, document: &Json) -> Self {
        let Some(members) = document.as_object().filter(|_| kind.flat.is_some()) else { return Form::Envelope };
        // Both forms are accepted everywhere, and these two members exist in the envelope only.
        match members.contains_key("metadata") || members.contains_key("spec") {
            true => Form::Envelope,
            false => Form::Flat,
        }
    }

    /// Gives diagnostics about members of the envelope the places of the members that were sent.
    pub(crate) fn restore(self, kind: &Kind, diagnostics: &mut [Diagnostic]) {
        if self == Form::Envelope || diagnostics.is_empty() {
            return;
        }
        let moved = flat_pointers(kind);
        for diagnostic in diagnostics {
            let place = moved.iter().find_map(|(pointer, sent)| {
                let rest = diagnostic.pointer.strip_prefix(pointer.as_str())?;
                (rest.is_empty() || rest.starts_with('/')).then(|| format!("{sent}{rest}"))
            });
            diagnostic.pointer = place.unwrap_or_else(|| std::mem::take(&mut diagnostic.pointer));
        }
    }
}

/// The envelope of a document that came in the flat form of its kind. A document that is enveloped already, or whose
/// kind has no flat form, stays as it is.
pub(crate) fn to_envelope<'d>(kind: &Kind, document: Cow<'d, Json>) -> Cow<'d, Json> {
    let (Some(flat), Json::Object(members)) = (&kind.flat, &*document) else { return document };
    if Form::of(kind, &document) == Form::Envelope {
        return document;
    }
    let mut envelope = Json::object();
    for (name, value) in members {
        match flat.members.get(name) {
            _ if name == "name" => put(&mut envelope, "/metadata/name", short_name(flat, value)),
            Some(pointer) => put(&mut envelope, pointer, value.clone()),
            None => put(&mut envelope, &crate::json::join("", name), value.clone()),
        }
    }
    put_metadata(&mut envelope);
    Cow::Owned(envelope)
}

/// Where members of the envelope are in the flat form, the longer pointers first.
fn flat_pointers(kind: &Kind) -> Vec<(String, String)> {
    let Some(flat) = &kind.flat else { return Vec::new() };
    let members = flat.members.iter().map(|(name, pointer)| (pointer.clone(), crate::json::join("", name)));
    let mut pointers: Vec<_> = members.chain([("/metadata/name".to_owned(), "/name".to_owned())]).collect();
    // The first pointer that fits wins, and the most specific one has to be the first.
    pointers.sort_by_key(|(pointer, _)| std::cmp::Reverse(pointer.len()));
    pointers
}

impl Kind {
    /// Returns the document that REST shows for a resource of this kind: the flat form where the kind has one, else the
    /// envelope.
    pub fn document(&self, object: &Object) -> Json {
        let envelope = object.to_value();
        let Some(flat) = &self.flat else { return envelope };
        let mut members = Members::new();
        if let Some(name) = &object.metadata.name {
            members.insert("name".to_owned(), Json::String(format!("{}{name}", flat.name_prefix)));
        }
        for (name, pointer) in &flat.members {
            if let Some(value) = envelope.at(pointer) {
                members.insert(name.clone(), seconds(pointer, object).unwrap_or_else(|| value.clone()));
            }
        }
        Json::Object(members)
    }
}

/// The flat forms write times in whole seconds.
fn seconds(pointer: &str, object: &Object) -> Option<Json> {
    let time = match pointer {
        "/metadata/createdAt" => object.metadata.created_at,
        "/metadata/modifiedAt" => object.metadata.modified_at?,
        _ => return None,
    };
    Some(Json::String(time.to_seconds_text()))
}

fn short_name(flat: &Flat, value: &Json) -> Json {
    match value {
        Json::String(text) => Json::from(text.strip_prefix(flat.name_prefix.as_str()).unwrap_or(text)),
        other => other.clone(),
    }
}

/// Gives a document an object as its metadata where it has none, or null.
pub(crate) fn put_metadata(document: &mut Json) {
    if document.get("metadata").is_none_or(Json::is_null) {
        put(document, "/metadata", Json::object());
    }
}
