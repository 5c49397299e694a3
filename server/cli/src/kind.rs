//! The kinds of a store, and the words by which people name them.

use std::sync::Arc;

use kindstore::kind::{KeyScheme, Scope, Verb};

use super::failure::{Failure, Result};

/// A kind, as far as the command line needs it.
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

impl From<&kindstore::kind::Kind> for Kind {
    fn from(kind: &kindstore::kind::Kind) -> Self {
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

impl From<kindstore_client::Kind> for Kind {
    fn from(kind: kindstore_client::Kind) -> Self {
        // A scheme of a newer server is taken for a name, which most commands can work with.
        let key = match kind.key_scheme.as_str() {
            "singleton" => KeyScheme::Singleton,
            "id" => KeyScheme::Id,
            _ => KeyScheme::Name,
        };
        Self {
            // A newer server may have verbs that this program does not know.
            verbs: kind.verbs.iter().filter_map(|word| verb(word)).collect(),
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

fn verb(word: &str) -> Option<Verb> {
    let verbs = [Verb::List, Verb::Get, Verb::Create, Verb::Upsert, Verb::Patch, Verb::Delete];
    verbs.into_iter().find(|verb| verb.to_string() == word)
}
