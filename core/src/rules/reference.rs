//! Which other resources a document names, and whether their state allows it.

use super::guard;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::json::Json;
use crate::kind::{Guard, Kind, Reference, ReferenceKey};

/// The target of one reference of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Which of the kind's references this is.
    pub(crate) index: usize,
    /// The id or name of the target.
    pub(crate) target: String,
}

/// Everything that a document refers to, in the order of its kind's references.
pub(crate) fn links(kind: &Kind, document: &Json) -> Vec<Link> {
    let link = |(index, reference): (usize, &Reference)| {
        let target = document.at(&reference.pointer)?.as_str()?.to_owned();
        Some(Link { index, target })
    };
    kind.references.iter().enumerate().filter_map(link).collect()
}

/// The problem of a reference that leads nowhere.
pub(crate) fn dangling(reference: &Reference, target: &str) -> Diagnostic {
    let by = match reference.by {
        ReferenceKey::Id => "id",
        ReferenceKey::Name => "name",
    };
    let message = format!("there is no {} with the {by} {:?} in this namespace", reference.kind, shown(target));
    let hint = format!("create the {} first, or name one that is there", reference.kind);
    Diagnostic::error(&reference.pointer, Code::RefersToNothing, message).with_hint(hint)
}

/// The problem of a reference to a target whose state does not allow it.
// It is one of the document and not of the target: the caller can name another one, or ask again later.
pub(crate) fn unfit(reference: &Reference, target: &str, document: &Json, found: &Json) -> Option<Diagnostic> {
    let asks = |guard: &&Guard| guard::asks(guard, document);
    let failed = reference.target_when.iter().filter(asks).find(|guard| !guard::holds(guard, found))?;
    let message = format!("the {} {:?} {}", reference.kind, shown(target), failed.otherwise);
    Some(Diagnostic::error(&reference.pointer, Code::IsInvalid, message))
}
