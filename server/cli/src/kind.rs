//! The kinds that a store has, as a server or a local store tells them, and how people name them.

use std::sync::Arc;

use kindstore::{KeyScheme, Scope, Verb};
use kindstore_proto::v1;

use super::failure::{Failure, Result};

/// What the command line knows of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) api_version: String,
    pub(crate) description: String,
    pub(crate) plural: String,
    pub(crate) singular: String,
    pub(crate) short_names: Vec<String>,
    pub(crate) is_namespaced: bool,
    pub(crate) key: KeyScheme,
    pub(crate) verbs: Vec<Verb>,
}

impl Kind {
    pub(crate) fn allows(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb)
    }

    pub(crate) fn is_singleton(&self) -> bool {
        self.key == KeyScheme::Singleton
    }

    pub(crate) fn verb_names(&self) -> String {
        self.verbs.iter().map(Verb::to_string).collect::<Vec<_>>().join(",")
    }

    fn answers_to(&self, word: &str) -> bool {
        let is = |known: &String| known.eq_ignore_ascii_case(word);
        is(&self.name) || is(&self.plural) || is(&self.singular) || self.short_names.iter().any(is)
    }
}

/// All kinds of a store, in the order of their names.
#[derive(Clone, Debug)]
pub(crate) struct Kinds(pub(crate) Vec<Arc<Kind>>);

impl Kinds {
    pub(crate) fn new(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self(kinds.into_iter().map(Arc::new).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.0.iter()
    }

    /// The kind that people mean by a word: its name in any case, plural, singular or a short name.
    pub(crate) fn find(&self, word: &str) -> Result<&Arc<Kind>> {
        self.iter().find(|kind| kind.answers_to(word)).ok_or_else(|| {
            let names: Vec<_> = self.iter().map(|kind| kind.plural.as_str()).collect();
            Failure::refused(format!("unknown kind {word:?}")).hint(format!("the kinds are {}", names.join(", ")))
        })
    }

    /// The kind whose names are the namespaces.
    pub(crate) fn namespace(&self) -> Result<&Arc<Kind>> {
        self.find(&kindstore::Registry::builtin()?.namespace().name)
    }
}

impl From<&kindstore::Kind> for Kind {
    fn from(kind: &kindstore::Kind) -> Self {
        Self {
            name: kind.name.to_string(),
            api_version: kind.api_version.to_string(),
            description: kind.description.clone(),
            plural: kind.plural.clone(),
            singular: kind.singular.clone(),
            short_names: kind.short_names.clone(),
            is_namespaced: kind.scope == Scope::Namespaced,
            key: kind.key,
            verbs: kind.verbs.clone(),
        }
    }
}

impl From<v1::Kind> for Kind {
    fn from(kind: v1::Kind) -> Self {
        let key = match kind.key_scheme() {
            v1::KeyScheme::Singleton => KeyScheme::Singleton,
            v1::KeyScheme::Id => KeyScheme::Id,
            v1::KeyScheme::Name | v1::KeyScheme::Unspecified => KeyScheme::Name,
        };
        Self {
            verbs: kind.verbs().filter_map(verb).collect(),
            name: kind.kind,
            api_version: kind.api_version,
            description: kind.description,
            plural: kind.plural,
            singular: kind.singular,
            short_names: kind.short_names,
            is_namespaced: kind.namespaced,
            key,
        }
    }
}

/// A verb that this program knows; a newer server may have more.
fn verb(verb: v1::Verb) -> Option<Verb> {
    match verb {
        v1::Verb::Unspecified => None,
        v1::Verb::List => Some(Verb::List),
        v1::Verb::Get => Some(Verb::Get),
        v1::Verb::Create => Some(Verb::Create),
        v1::Verb::Upsert => Some(Verb::Upsert),
        v1::Verb::Patch => Some(Verb::Patch),
        v1::Verb::Delete => Some(Verb::Delete),
    }
}
