//! Members that never change after creation, and members that a replacing document need not repeat.

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Json, segments};
use crate::kind::Kind;

/// Gives a replacing document those members back that it may leave out: the immutable ones, those that are kept, and the
/// secret ones, which no answer has: what was read can be written again.
pub(crate) fn keep(kind: &Kind, document: &mut Json, current: &Json) {
    for pointer in kind.immutable.iter().chain(&kind.kept_on_replace).chain(&kind.secret) {
        let is_given = document.at(pointer).is_some_and(|value| !value.is_null());
        if let Some(value) = current.at(pointer).filter(|_| !is_given) {
            put(document, pointer, value.clone());
        }
    }
}

/// The immutable members that a document changes, the name among them.
pub(crate) fn check(kind: &Kind, document: &Json, current: &Json) -> Vec<Diagnostic> {
    // An absent member is no change: `keep` has put the current one back where that is allowed.
    pointers(kind).filter_map(|pointer| changed(pointer, document.at(pointer)?, current.at(pointer)?)).collect()
}

/// The pointers of the members that never change.
pub(crate) fn pointers(kind: &Kind) -> impl Iterator<Item = &str> {
    let name = kind.has_name().then_some("/metadata/name");
    kind.immutable.iter().map(String::as_str).chain(name)
}

fn changed(pointer: &str, new: &Json, old: &Json) -> Option<Diagnostic> {
    let (new, old) = (new != old).then(|| (new.to_text(), old.to_text()))?;
    let message = if new.len() + old.len() < 160 {
        format!("cannot change from {old} to {new}")
    } else {
        "cannot change after creation".to_owned()
    };
    Some(Diagnostic::error(pointer, Code::IsImmutable, message).with_hint("create another resource instead"))
}

/// Puts a value at a pointer into objects, making those on the way that are not there.
pub(crate) fn put(document: &mut Json, pointer: &str, value: Json) {
    let mut place = document;
    for segment in segments(pointer) {
        if place.is_null() {
            *place = Json::object();
        }
        let Json::Object(members) = place else { return };
        place = members.get_or_insert_with(&segment, Json::default);
    }
    *place = value;
}
