//! Secret members where they cannot be shown: which a kind has, and whether a document changes one.

use std::sync::Arc;

use kindstore::kind::{JsonType, Kind as Definition};
use kindstore::patch::merge_patch;
use kindstore::{Json, Object, Registry};

use super::access::{Access, Action, Options, Write};
use super::failure::Result;
use super::kind::Kind;
use super::manifest::{Item, spelled_out};

/// Stands for a secret.
pub(crate) const HIDDEN: &str = "(hidden)";
const OTHER: &str = "(hidden, and another one)";

/// The kinds with secrets that a document may be of: its kind, or all of them for a kind that is not known.
pub(crate) fn secret_kinds(registry: &Registry, kind: Option<&str>) -> Vec<Arc<Definition>> {
    let kinds = match kind.and_then(|name| registry.find(name)) {
        Some(kind) => std::slice::from_ref(kind),
        None => registry.kinds(),
    };
    kinds.iter().filter(|kind| !kind.secret.is_empty()).map(Arc::clone).collect()
}

/// Whether the value at a pointer can be shown. Of a kind with secrets that is a member that is declared, and is no secret
/// and holds none: the value of a name that is spelled wrong may have been meant to be one.
pub(crate) fn is_open(kind: &Definition, pointer: &str) -> bool {
    if kind.secret.is_empty() || ["/kind", "/apiVersion"].contains(&pointer) {
        return true;
    }
    let below = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if kind.secret.iter().any(|secret| below(secret, pointer) || below(pointer, secret)) {
        return false;
    }
    let mut schema = Some(&kind.schema);
    for name in names(pointer) {
        schema = schema.and_then(|schema| schema.items.as_deref().or_else(|| schema.member(&name)));
    }
    schema.is_some_and(|schema| schema.json_type != Some(JsonType::Object))
}

/// The names of a JSON pointer.
fn names(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect()
}

/// A resource before and after a document is applied, as values to be compared.
pub(crate) struct Compared {
    pub(crate) before: Option<Json>,
    pub(crate) after: Json,
}

impl Compared {
    /// Marks in both values the secrets that the document gives.
    pub(crate) fn mark(&mut self, access: &dyn Access, item: &Item, objects: (Option<&Object>, &Object)) -> Result<()> {
        let registry = Registry::builtin()?;
        let Kind { name, .. } = &*item.reference.kind;
        let secret = registry.find(name).map(|kind| kind.secret.clone()).unwrap_or_default();
        for pointer in &secret {
            let Some(value) = item.manifest.value().at(pointer).filter(|value| !value.is_null()) else { continue };
            let is_other = match objects.0 {
                Some(before) => self.is_other(access, item, (before, objects.1), &at(pointer, value.clone()))?,
                None => false,
            };
            if let Some(before) = &mut self.before {
                merge_patch(before, &at(pointer, HIDDEN.into()));
            }
            merge_patch(&mut self.after, &at(pointer, if is_other { OTHER } else { HIDDEN }.into()));
        }
        Ok(())
    }

    /// Whether the store has another secret. Only the store can say so: no answer has the one that it keeps.
    fn is_other(&self, access: &dyn Access, item: &Item, objects: (&Object, &Object), alone: &Json) -> Result<bool> {
        let version = |object: &Object| object.metadata.resource_version;
        if !item.reference.kind.allows(kindstore::kind::Verb::Patch) {
            return Ok(version(objects.0) != version(objects.1) && self.before.as_ref() == Some(&self.after));
        }
        let options = Options { is_dry_run: true, ..Options::default() };
        let write = Write { action: Action::Patch, reference: &item.reference, text: spelled_out(alone), options };
        Ok(version(&access.write(&write)?.object) != version(objects.0))
    }
}

/// An object in which a pointer leads to a value.
fn at(pointer: &str, value: Json) -> Json {
    names(pointer).into_iter().rev().fold(value, |value, name| Json::Object([(name, value)].into_iter().collect()))
}
