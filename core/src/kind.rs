//! A kind as data: the typed form of a definition file. It describes how resources behave; the rules act on it.

mod behaviour;
mod editor;
mod expand;
mod naming;
mod schema;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::behaviour::{
    Changeable, DefaultExclusion, Guard, HistoryLimits, Initial, OnDelete, Reference, ReferenceKey,
};
pub(crate) use self::expand::Shared;
pub use self::naming::Naming;
pub(crate) use self::schema::byte_count;
pub use self::schema::{Additional, Discriminator, JsonType, Pattern, Properties, Schema, SchemaDialect, StringFormat};
use crate::error::{Error, OpenError, Result};
use crate::json::Json;
use crate::manifest::{self, Format, Limits};

/// The most references that a definition can declare.
pub(crate) const MAX_REFERENCES: usize = 16;

/// One kind of resources, read from its definition.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Kind {
    /// The name in documents: `Deployment`.
    #[serde(rename = "kind")]
    pub name: Arc<str>,
    /// The version of the structure: `v1`.
    pub api_version: Arc<str>,
    /// One sentence for people.
    pub description: String,
    /// The path prefix of the API that the kind belongs to: `/api/v1`.
    pub group: String,
    /// The name of the collection in paths: `deployments`.
    pub plural: String,
    /// The name of one, in lower case: `deployment`.
    pub singular: String,
    /// Short forms for people who type: `deploy`.
    #[serde(default)]
    pub short_names: Vec<String>,
    /// Whether resources live in namespaces.
    pub scope: Scope,
    /// Whether the names of this kind's resources are the namespaces of all namespaced kinds.
    #[serde(default)]
    pub is_namespace: bool,
    /// Who creates and changes resources of this kind.
    pub managed_by: Manager,
    /// How one resource is addressed.
    pub key: KeyScheme,
    /// How names are formed, for kinds that are addressed by name.
    pub naming: Option<Naming>,
    /// The name that the only resource of a namespace shows, for clients that expect one; it is not addressed by it.
    pub singleton_name: Option<String>,
    /// The verbs that users may use.
    pub verbs: Vec<Verb>,
    /// The structure: `metadata` (its own members only), `spec` and `status`.
    pub schema: Schema,
    /// JSON pointers of members that never change after creation.
    #[serde(default)]
    pub immutable: Vec<String>,
    /// JSON pointers of members that a replacing document without them leaves as they are.
    #[serde(default)]
    pub kept_on_replace: Vec<String>,
    /// JSON pointers of secret strings: they are stored apart, and responses leave them out unless asked to reveal them.
    #[serde(default)]
    pub secret: Vec<String>,
    /// Members that name other resources.
    #[serde(default)]
    pub references: Vec<Reference>,
    /// JSON pointers of members that lists can be selected by, beside the name. They are kept beside the document, so that
    /// no document is read for it.
    #[serde(default)]
    pub selectable: Vec<String>,
    /// The kinds whose only resource supplies defaults for new resources, the weakest first.
    #[serde(default)]
    pub defaults_from: Vec<Arc<str>>,
    /// For a kind whose only resource shows defaults: the kind that they are defaults of.
    pub defaults_of: Option<Arc<str>>,
    /// Which members take no defaults, and when.
    #[serde(default)]
    pub without_defaults: Vec<DefaultExclusion>,
    /// Members that the system adds to a new resource: the first entry whose condition holds.
    #[serde(default)]
    pub initial: Vec<Initial>,
    /// The conditions under which users may change a resource.
    pub changeable_when: Option<Changeable>,
    /// The conditions under which a resource can be deleted.
    #[serde(default)]
    pub deletable_when: Vec<Guard>,
    /// For the kind that makes namespaces: the status while everything inside is being deleted.
    pub terminating: Option<Json>,
    /// Limits of the history of each resource, where they differ from the store's.
    pub history: Option<HistoryLimits>,
    /// Resources that exist from the start and cannot be deleted.
    #[serde(default)]
    pub from_the_start: Vec<String>,
    /// The form of documents in REST, where it is not the envelope.
    pub flat: Option<Flat>,
    /// What becomes of members of `spec` that the schema does not know.
    #[serde(default)]
    pub unknown_members: UnknownMembers,
}

/// What becomes of members of `spec` that a kind's schema does not know. Objects that declare no members keep all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnknownMembers {
    /// They are kept.
    #[default]
    Keep,
    /// They are dropped from what users send, so that clients that send more than there is find no difference on each run.
    Drop,
}

/// Whether resources of a kind live in namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// One set of resources for the whole store.
    Global,
    /// A set of resources for each namespace.
    Namespaced,
}

/// Who creates and changes resources of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Manager {
    /// Users, by the kind's verbs.
    User,
    /// The system only; users read.
    System,
}

/// How one resource of a kind is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyScheme {
    /// By id or by its unique name.
    Name,
    /// By id only.
    Id,
    /// There is exactly one in each namespace, from the start.
    Singleton,
}

/// An operation that a kind offers to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verb {
    /// Read all resources of a namespace.
    List,
    /// Read one resource.
    Get,
    /// Create a resource.
    Create,
    /// Create or replace a resource under a name.
    Upsert,
    /// Change parts of a resource.
    Patch,
    /// Delete a resource.
    Delete,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verb::List => "list",
            Verb::Get => "get",
            Verb::Create => "create",
            Verb::Upsert => "upsert",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
        })
    }
}

/// The flat form of documents that the kinds of the Platform API have in REST.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flat {
    /// The prefix of the name in the member `name`: `namespaces/`.
    pub name_prefix: String,
    /// The member of a response that holds one resource.
    pub one: String,
    /// The member of a response that holds a list.
    pub many: String,
    /// Where each other member lives in the envelope, as a JSON pointer.
    pub members: BTreeMap<String, String>,
}

/// The error for an invalid definition.
fn wrong(why: &str) -> Error {
    Error::Open(OpenError::Settings(format!("a kind's definition: {why}")))
}

/// The longest key or namespace that is looked for, in bytes. Names are far shorter; whatever is longer is none.
const MAX_KEY: usize = 1024;

/// Checks the length of a key or of a namespace, which stays in memory as long as a watch does.
pub(crate) fn check_length(what: &str, text: &str) -> Result<()> {
    if text.len() <= MAX_KEY {
        return Ok(());
    }
    Err(Error::bad_request(format!("{what} has {} bytes; at most {MAX_KEY} are allowed", text.len())))
}

impl Kind {
    /// Reads a definition. Errors name the file's problem; nothing is half loaded.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with(text, &Shared::new())
    }

    /// Reads a definition with shared schemas, to which it may refer as `#/$defs/NAME`.
    pub(crate) fn parse_with(text: &str, shared: &Shared) -> Result<Self> {
        match manifest::read(text.as_bytes(), Format::Yaml, &Limits::default()) {
            Ok(document) => Self::from_value(document.value, shared),
            Err(error) => Err(wrong(&error.to_string())),
        }
    }

    /// Builds the kind from a definition that was read already.
    pub(crate) fn from_value(mut value: Json, shared: &Shared) -> Result<Self> {
        let name = value.get("kind").and_then(Json::as_str).unwrap_or("?").to_owned();
        let named = |why: String| wrong(&format!("{name}: {why}"));
        // Before the typed form: `$ref` and `partial` are words of definitions, not of schemas.
        expand::definition(&mut value, shared).map_err(named)?;
        let kind: Kind = serde_json::from_value(value.into()).map_err(|error| named(error.to_string()))?;
        kind.check().map_err(named)?;
        Ok(kind)
    }

    /// Checks the rules that involve several members of the definition.
    fn check(&self) -> std::result::Result<(), String> {
        self.schema.check("")?;
        // A resource is addressed by its name exactly if names have a form.
        if (self.key == KeyScheme::Name) != self.naming.is_some() {
            return Err("`naming` goes with `key: name`, and only with it".to_owned());
        }
        if self.singleton_name.is_some() && self.key != KeyScheme::Singleton {
            return Err("`singletonName` goes with `key: singleton`".to_owned());
        }
        let shows_defaults = self.defaults_of.is_some();
        if shows_defaults != (self.key == KeyScheme::Singleton && self.scope == Scope::Global) {
            return Err("a singleton with `scope: global` needs `defaultsOf`, which goes with nothing else".to_owned());
        }
        // The only resource of such a kind is computed, so that there is nothing to change.
        if shows_defaults && self.verbs != [Verb::Get] {
            return Err("a kind that shows defaults has the verb `get` only".to_owned());
        }
        if self.is_namespace && (self.scope == Scope::Namespaced || self.key != KeyScheme::Name) {
            return Err("`isNamespace` needs `scope: global` and `key: name`".to_owned());
        }
        if self.references.len() > MAX_REFERENCES {
            let count = self.references.len();
            return Err(format!("`references` must have at most {MAX_REFERENCES} entries, has {count}"));
        }
        if let Some(pointer) = self.selectable.iter().find(|pointer| !pointer.starts_with('/')) {
            return Err(format!("the pointer {pointer:?} does not begin with a slash"));
        }
        // Metadata has rules of its own, and status belongs to the system.
        let pointers = self.immutable.iter().chain(&self.kept_on_replace).chain(&self.secret);
        match pointers.into_iter().find(|pointer| *pointer != "/spec" && !pointer.starts_with("/spec/")) {
            Some(pointer) => Err(format!("the pointer {pointer:?} does not lead into \"/spec\"")),
            None => Ok(()),
        }
    }

    /// The kind of the list that wraps resources of this kind: `DeploymentList`.
    pub fn list_kind(&self) -> String {
        format!("{}List", self.name)
    }

    /// Whether users may do this.
    pub fn allows(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb)
    }

    /// `Unsupported` when users may not do this.
    pub fn require(&self, verb: Verb) -> Result<()> {
        if self.allows(verb) {
            return Ok(());
        }
        Err(Error::Unsupported {
            kind: self.name.to_string(),
            verb: verb.to_string(),
            supported: self.verbs.iter().map(Verb::to_string).collect(),
        })
    }

    /// Checks that a namespace is given exactly if the kind lives in one.
    ///
    /// # Errors
    /// `BadRequest`.
    pub(crate) fn check_scope(&self, namespace: Option<&str>) -> Result<()> {
        check_length("the namespace", namespace.unwrap_or_default())?;
        match (self.scope, namespace) {
            (Scope::Namespaced, None) => {
                Err(Error::bad_request(format!("{} lives in a namespace; name one", self.name)))
            }
            (Scope::Global, Some(_)) => Err(Error::bad_request(format!("{} does not live in a namespace", self.name))),
            _ => Ok(()),
        }
    }

    /// Whether resources of this kind have names.
    pub fn has_name(&self) -> bool {
        self.key == KeyScheme::Name
    }

    /// Whether resources of this kind have this member of the common metadata, or this one of their own.
    pub fn has_metadata(&self, member: &str) -> bool {
        self.metadata_schema(member).is_some()
    }

    /// The schema of a member of metadata.
    pub fn metadata_schema(&self, member: &str) -> Option<&Schema> {
        self.schema.properties.get("metadata")?.properties.get(member)
    }

    /// Returns facts about the value at a JSON pointer without indexes, a sentence each: from its schema, from the schema of
    /// its items, and from the kind's rules for the place.
    pub fn facts(&self, pointer: &str, schema: &Schema) -> Vec<String> {
        let mut facts = schema.facts();
        if self.immutable.iter().any(|own| own == pointer) {
            facts.push("It never changes after creation.".to_owned());
        }
        if self.secret.iter().any(|own| own == pointer) {
            facts.push("It is secret: only an answer that is asked to reveal it has it.".to_owned());
        }
        let referred = self.references.iter().filter(|reference| reference.pointer == pointer);
        facts.extend(referred.map(|reference| format!("It names a {} that must be there.", reference.kind)));
        if schema.items.is_some() {
            facts.extend(schema.innermost().facts().into_iter().map(|fact| format!("Each item: {fact}")));
        }
        facts
    }

    /// The schema of `spec` or `status`.
    pub fn part_schema(&self, part: &str) -> Option<&Schema> {
        self.schema.properties.get(part)
    }
}
