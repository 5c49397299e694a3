//! Takes secret members out of a document before it is stored, because responses are made of the stored text, and puts them
//! back for callers that may see them.

use std::borrow::Cow;

use super::immutable::put;
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Json, Members, below, segments};
use crate::kind::Kind;

/// Secret values under their JSON pointers.
pub(crate) type Secrets = Members;

/// Moves the secret members of a document out of it.
pub(crate) fn take(kind: &Kind, document: &mut Json) -> Secrets {
    let taken = |pointer: &String| Some((pointer.clone(), remove(document, pointer)?));
    kind.secret.iter().filter_map(taken).collect()
}

/// Puts secret members back into a document.
pub(crate) fn reveal(document: &mut Json, secrets: &Secrets) {
    for (pointer, value) in secrets {
        put(document, pointer, value.clone());
    }
}

/// Removes quotes of a secret from the message of a problem.
pub(crate) fn hush(kind: &Kind, problem: &mut Diagnostic) {
    let pointer = &problem.pointer;
    // A problem of the secret itself, within it, or of an object around it: all of them may quote it.
    let touches = |secret: &String| below(secret, pointer).or(below(pointer, secret)).is_some();
    if kind.secret.iter().any(touches) {
        // A hint quotes the value or resembles it.
        problem.hint = None;
        problem.message = match problem.code {
            Code::IsMissing => "is required".to_owned(),
            Code::HasWrongType => "has the wrong type".to_owned(),
            _ => "is not valid".to_owned(),
        };
    }
}

/// Takes the value at a pointer out of a document.
pub(super) fn remove(document: &mut Json, pointer: &str) -> Option<Json> {
    let mut path: Vec<String> = segments(pointer).map(Cow::into_owned).collect();
    let last = path.pop()?;
    let parent = path.into_iter().try_fold(document, |place, segment| match place {
        Json::Object(members) => members.get_mut(&segment),
        _ => None,
    })?;
    match parent {
        Json::Object(members) => members.remove(&last),
        _ => None,
    }
}
