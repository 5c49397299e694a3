//! Secret members where they cannot be shown: which a kind has, and whether a document changes one.

use kindstore::patch::merge_patch;
use kindstore::{Json, Object, Registry};

use super::access::{Access, Action, Options, Write};
use super::failure::Result;
use super::kind::Kind;
use super::manifest::{Item, spelled_out};

/// Stands for a secret.
const HIDDEN: &str = "(hidden)";
const OTHER: &str = "(hidden, and another one)";

/// The pointers of the secret members of a kind; of all kinds for one that is not known.
pub(crate) fn pointers(registry: &Registry, kind: Option<&str>) -> Vec<String> {
    match kind.and_then(|name| registry.find(name)) {
        Some(kind) => kind.secret.clone(),
        None => registry.kinds().iter().flat_map(|kind| kind.secret.clone()).collect(),
    }
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
        let known = registry.find(name).map(|_| name.as_str());
        for pointer in pointers(&registry, known).iter().filter(|_| known.is_some()) {
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
    let names: Vec<String> =
        pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    names.into_iter().rev().fold(value, |value, name| Json::Object([(name, value)].into_iter().collect()))
}
