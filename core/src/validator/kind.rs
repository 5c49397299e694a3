//! Which kind a document is of.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::json::Json;
use crate::kind::{Kind, Verb};
use crate::registry::Registry;
use crate::rules::suggestion::suggestion;

/// Finds the kind of a document by its `kind`.
pub(super) fn find_kind<'r>(value: &Json, registry: &'r Registry) -> Result<&'r Arc<Kind>, Box<Diagnostic>> {
    let names: Vec<&str> = registry.kinds().iter().map(|kind| &*kind.name).collect();
    let kinds = || format!("the kinds are {}", names.join(", "));
    if value.as_object().is_none() {
        let message = format!("a resource is an object, this is {}", value.type_name());
        return Err(Diagnostic::error("", Code::HasWrongType, message).into());
    }
    let name = match value.get("kind") {
        None | Some(Json::Null) => {
            return Err(Diagnostic::error("/kind", Code::IsMissing, "is required").with_hint(kinds()).into());
        }
        Some(Json::String(name)) => name,
        Some(other) => {
            let message = format!("must be a string, not {}", other.type_name());
            return Err(Diagnostic::error("/kind", Code::HasWrongType, message).into());
        }
    };
    let Some(kind) = registry.find(name) else {
        let problem = Diagnostic::error("/kind", Code::IsNotAllowed, format!("there is no kind {name:?}"));
        let meant =
            registry.find_word(name).map(|kind| &*kind.name).or_else(|| suggestion(name, names.iter().copied()));
        return Err(match meant {
            Some(word) => problem.with_hint(format!("did you mean {word}?")).into(),
            None => problem.with_hint(kinds()).into(),
        });
    };
    if ![Verb::Create, Verb::Upsert, Verb::Patch].iter().any(|verb| kind.verbs.contains(verb)) {
        let message = format!("a {name} is written by the system and cannot be applied");
        return Err(Diagnostic::error("/kind", Code::IsNotAllowed, message).into());
    }
    Ok(kind)
}
