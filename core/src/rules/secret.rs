//! Takes secret members out of a document before it is stored where answers are made from, and puts them back for
//! whoever may see them.

use std::collections::BTreeMap;

use super::immutable::put;
use crate::json::{Json, segments};
use crate::kind::Kind;

/// Secret values under their JSON pointers.
pub(crate) type Secrets = BTreeMap<String, Json>;

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

fn remove(document: &mut Json, pointer: &str) -> Option<Json> {
    let mut path: Vec<String> = segments(pointer).collect();
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
