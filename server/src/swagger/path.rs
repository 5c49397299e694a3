//! The paths of a kind: of all its resources, and of one of them.

use kindstore::kind::{KeyScheme, Kind, Scope};

/// The path of one resource of a kind.
pub(super) fn resource(kind: &Kind) -> String {
    let collection = collection(kind);
    match kind.key {
        KeyScheme::Singleton => collection,
        KeyScheme::Name => format!("{collection}/{{nameOrId}}"),
        KeyScheme::Id => format!("{collection}/{{id}}"),
    }
}

/// The path of all resources of a kind.
pub(super) fn collection(kind: &Kind) -> String {
    match kind.scope {
        Scope::Namespaced => format!("{}/namespaces/{{namespace}}/{}", kind.group, kind.plural),
        Scope::Global => format!("{}/{}", kind.group, kind.plural),
    }
}
