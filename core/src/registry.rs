//! Which kinds exist, and how each is found: by name, by plural, by short name, by path.

use std::sync::Arc;

use crate::error::{Error, OpenError, Result};
use crate::json::Json;
use crate::kind::{KeyScheme, Kind, OnDelete, Reference, Scope, Shared, check_length};
use crate::manifest::{self, Format, Limits};

/// Checks that the kinds which a definition refers to exist and have the right scope.
fn check_relations(kind: &Kind, kinds: &[Arc<Kind>]) -> Result<()> {
    let wrong = |why: String| Err(Error::Open(OpenError::Settings(format!("{}: {why}", kind.name))));
    let find = |name: &str| kinds.iter().find(|other| &*other.name == name);
    for reference in &kind.references {
        match find(&reference.kind) {
            // References are resolved in the namespace of the resource that refers.
            Some(target) if target.scope == Scope::Namespaced && kind.scope == Scope::Namespaced => {}
            Some(_) => return wrong(format!("{} and {} must both live in namespaces", kind.name, reference.kind)),
            None => return wrong(format!("there is no kind {:?} to refer to", reference.kind)),
        }
    }
    for name in kind.defaults_from.iter().chain(&kind.defaults_of) {
        let Some(other) = find(name) else { return wrong(format!("there is no kind {name:?} for defaults")) };
        if kind.defaults_from.contains(name) && other.key != KeyScheme::Singleton {
            return wrong(format!("{name} supplies defaults and must be a singleton"));
        }
    }
    Ok(())
}

/// The schemas that definitions share.
fn shared() -> Result<Shared> {
    let mut shared = Shared::new();
    for text in SHARED_SCHEMAS {
        match built_in(text)? {
            Json::Object(schemas) => shared.extend(schemas),
            _ => return Err(Error::Open(OpenError::Settings("shared schemas must be an object".to_owned()))),
        }
    }
    Ok(shared)
}

/// Reads a built-in definition, as it was collected at build time.
fn built_in(text: &str) -> Result<Json> {
    let document = manifest::read(text.as_bytes(), Format::Json, &Limits::default());
    document.map(|document| document.value).map_err(|error| Error::Open(OpenError::Settings(error.to_string())))
}

include!(concat!(env!("OUT_DIR"), "/builtin_kinds.rs"));

/// The kinds of one store.
#[derive(Clone, Debug)]
pub struct Registry {
    kinds: Vec<Arc<Kind>>,
    namespace: Arc<Kind>,
}

impl Registry {
    /// The built-in kinds.
    pub fn builtin() -> Result<Self> {
        Self::with(&[])
    }

    /// The built-in kinds, and those of these definitions, which may refer to the schemas that the built-in kinds share.
    ///
    /// ```
    /// use kindstore::Registry;
    /// let note = "
    /// {kind: Note, apiVersion: v1, description: A note., group: /api/v1, plural: notes, singular: note,
    ///  scope: namespaced, managedBy: user, key: name, naming: label, verbs: [list, get, create, delete],
    ///  schema: {type: object, properties: {metadata: {type: object, properties: {name: {type: string}}},
    ///           spec: {type: object, properties: {text: {type: string}}}}}}";
    /// let registry = Registry::with(&[note])?;
    /// assert_eq!(registry.find_word("notes").map(|kind| &*kind.name), Some("Note"));
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Open` when a definition is invalid; the message names the kind and the place.
    pub fn with(definitions: &[&str]) -> Result<Self> {
        let shared = shared()?;
        let built_in = BUILTIN_KINDS.iter().map(|text| Kind::from_value(self::built_in(text)?, &shared));
        let given = definitions.iter().map(|text| Kind::parse_with(text, &shared));
        Self::new(built_in.chain(given).collect::<Result<Vec<_>>>()?)
    }

    /// These kinds. Exactly one of them makes namespaces, and no two share a name or a path.
    pub fn new(kinds: Vec<Kind>) -> Result<Self> {
        let wrong = |why: String| Err(Error::Open(OpenError::Settings(why)));
        let kinds: Vec<Arc<Kind>> = kinds.into_iter().map(Arc::new).collect();
        for (index, kind) in kinds.iter().enumerate() {
            // Paths are derived from group and plural, documents name the kind: both must lead to one definition.
            let twin = |other: &&Arc<Kind>| {
                other.name == kind.name || (&other.group, &other.plural) == (&kind.group, &kind.plural)
            };
            if let Some(other) = kinds[..index].iter().find(twin) {
                return wrong(format!("the kinds {} and {} share a name or a path", other.name, kind.name));
            }
        }
        // After all kinds are known: definitions may refer to each other in any order.
        for kind in &kinds {
            check_relations(kind, &kinds)?;
        }
        let mut namespaces = kinds.iter().filter(|kind| kind.is_namespace);
        match (namespaces.next(), namespaces.next()) {
            (Some(namespace), None) => Ok(Self { namespace: Arc::clone(namespace), kinds }),
            _ => wrong("exactly one kind must have `isNamespace: true`".to_owned()),
        }
    }

    /// All kinds, in the order of their names.
    pub fn kinds(&self) -> &[Arc<Kind>] {
        &self.kinds
    }

    /// The kind whose names are the namespaces.
    pub fn namespace(&self) -> &Arc<Kind> {
        &self.namespace
    }

    /// The kinds whose resources live in namespaces.
    pub fn namespaced(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.kinds.iter().filter(|kind| kind.scope == Scope::Namespaced)
    }

    /// The kind of that name, as documents write it.
    pub fn find(&self, name: &str) -> Option<&Arc<Kind>> {
        self.kinds.iter().find(|kind| &*kind.name == name)
    }

    /// The kind that people mean by a word: its name in any case, plural, singular or a short name.
    pub fn find_word(&self, word: &str) -> Option<&Arc<Kind>> {
        let matches = |known: &str| known.eq_ignore_ascii_case(word);
        self.kinds.iter().find(|kind| {
            matches(&kind.name)
                || matches(&kind.plural)
                || matches(&kind.singular)
                || kind.short_names.iter().any(|name| matches(name))
        })
    }

    /// Returns whether some kind refers to this one with this rule for deletions.
    pub fn is_referred_to(&self, kind: &Kind, on_delete: OnDelete) -> bool {
        let refers = |reference: &Reference| reference.kind == kind.name && reference.on_delete == on_delete;
        self.kinds.iter().any(|other| other.references.iter().any(refers))
    }

    /// Whether the only resource of this kind supplies defaults for others.
    pub fn supplies_defaults(&self, kind: &Kind) -> bool {
        self.kinds.iter().any(|other| other.defaults_from.contains(&kind.name))
    }

    /// The kind of that plural in a group of paths.
    pub fn find_path(&self, group: &str, plural: &str) -> Option<&Arc<Kind>> {
        self.kinds.iter().find(|kind| kind.group == group && kind.plural == plural)
    }

    /// The kind of that name, or `BadRequest` with the names there are.
    pub fn require(&self, name: &str) -> Result<&Arc<Kind>> {
        self.find(name).ok_or_else(|| self.unknown(name))
    }

    /// The error for a word that is no kind, with the names there are.
    pub fn unknown(&self, word: &str) -> Error {
        let names: Vec<_> = self.kinds.iter().map(|kind| &*kind.name).collect();
        match check_length("the kind", word) {
            Ok(()) => Error::bad_request(format!("unknown kind {word:?}; the kinds are {}", names.join(", "))),
            Err(too_long) => too_long,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic};
    use crate::json::join;
    use crate::kind::Schema;
    use crate::rules::diagnostics::Diagnostics;
    use crate::rules::structure::{ValidationMode, validate};

    #[test]
    fn the_definitions_that_are_built_in_say_what_their_files_say() {
        for (folder, texts) in [("kinds", BUILTIN_KINDS), ("kinds/shared", SHARED_SCHEMAS)] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut files: Vec<_> =
                std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
            files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
            files.sort();
            assert_eq!(files.len(), texts.len());
            for (file, text) in files.iter().zip(texts) {
                let written = std::fs::read(file).expect("a file");
                let written = manifest::read(&written, Format::Yaml, &Limits::default()).expect("readable").value;
                assert_eq!(built_in(text).expect("readable"), written, "{}", file.display());
            }
        }
    }

    /// Calls `look` with every schema that the built-in kinds are made of, its place, and, of a variant, the member
    /// that tells it from the others.
    fn for_each_schema(mut look: impl FnMut(&str, &Schema, Option<&str>)) {
        let registry = Registry::builtin().expect("the built-in kinds load");
        for kind in registry.kinds() {
            walk(&kind.name, &kind.schema, None, &mut look);
        }
    }

    fn walk(place: &str, schema: &Schema, of: Option<&str>, look: &mut impl FnMut(&str, &Schema, Option<&str>)) {
        look(place, schema, of);
        for (name, member) in &schema.properties {
            walk(&join(place, name), member, None, look);
        }
        let others = [schema.items.as_deref(), schema.additional_properties.schema()];
        for other in others.into_iter().flatten() {
            walk(&format!("{place}/*"), other, None, look);
        }
        let by = schema.discriminator.as_ref().map(|discriminator| discriminator.property_name.as_str());
        for variant in &schema.variants {
            let value = schema.variant_value(variant).unwrap_or("?");
            walk(&format!("{place} {value}"), variant, by, look);
        }
    }

    /// What is wrong with a value to the letter, and whether judging had to change it.
    fn wrongs(schema: &Schema, value: &Json) -> (Vec<Diagnostic>, bool) {
        let mut judged = value.clone();
        let mut diagnostics = Diagnostics::default();
        validate(
            schema,
            &mut judged,
            ValidationMode { is_lenient: false, ..ValidationMode::default() },
            &mut diagnostics,
        );
        diagnostics.problems.append(&mut diagnostics.warnings);
        (diagnostics.problems, judged != *value)
    }

    #[test]
    fn every_member_of_the_built_in_kinds_is_described_by_a_sentence() {
        let mut wrong = Vec::new();
        let mut count = 0;
        for_each_schema(|place, schema, of| {
            // What the member that tells variants apart means is said beside them.
            for (name, member) in schema.properties.iter().filter(|(name, _)| Some(name.as_str()) != of) {
                count += 1;
                let sentence = member.description.as_deref().unwrap_or_default();
                if !sentence.ends_with('.') || !sentence.starts_with(|first: char| first.is_ascii_uppercase()) {
                    wrong.push(format!("{place}/{name}: {sentence:?}"));
                }
            }
            let by = schema.discriminator.as_ref().map(|discriminator| &discriminator.property_name);
            if by.is_some_and(|by| !schema.properties.contains_key(by)) {
                wrong.push(format!("{place}: what tells its variants apart is not described"));
            }
        });
        assert!(count > 300, "only {count} members were seen");
        assert!(wrong.is_empty(), "members without a sentence:\n{}", wrong.join("\n"));
    }

    #[test]
    fn every_default_and_example_of_the_built_in_kinds_is_what_its_schema_asks_for() {
        let mut wrong = Vec::new();
        let mut count = 0;
        for_each_schema(|place, schema, _| {
            for value in schema.default.iter().chain(&schema.examples) {
                count += 1;
                let (mut problems, is_changed) = wrongs(schema, value);
                if schema.default.as_ref() == Some(value) {
                    // A default may leave what is required to the document.
                    problems.retain(|problem| problem.code != Code::IsMissing);
                }
                if is_changed || !problems.is_empty() {
                    wrong.push(format!("{place}: {}: {problems:?}", value.to_text()));
                }
            }
        });
        assert!(count > 150, "only {count} values were seen");
        assert!(wrong.is_empty(), "values that their own schemas refuse:\n{}", wrong.join("\n"));
    }
}
