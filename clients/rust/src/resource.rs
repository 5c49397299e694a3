//! Resources that come in, and what describes them: versions, kinds, and remarks about documents.

use std::collections::BTreeMap;

use bytes::Bytes;
use kindstore_proto::v1;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::time::Timestamp;

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resource {
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The version of the kind's structure, such as `v1`.
    pub api_version: String,
    /// The members that every resource has.
    pub metadata: Metadata,
    spec: Text,
    status: Text,
}

/// The members that every resource has. A member that a kind does not have is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The id, given by the store and never changed.
    pub id: String,
    /// The name, never changed.
    pub name: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// When the resource was created.
    pub created_at: Timestamp,
    /// When the resource was last changed.
    pub modified_at: Option<Timestamp>,
    /// Labels, by which lists select. No labels at all and an empty map are different answers.
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations, for people and tools.
    pub annotations: Option<BTreeMap<String, String>>,
    /// 1 after create, one more with each stored change. `expected_version` takes it.
    pub resource_version: u64,
    extra: Text,
}

/// JSON text as it came; empty where there is none.
// A resource is kept as text because a value of `serde_json` would round large numbers, and most readers want a few
// members or a type of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Text(String);

impl Resource {
    /// Returns the spec; `None` if the resource has none.
    pub fn spec(&self) -> Option<Value> {
        self.spec.parse()
    }

    /// Returns the spec as it came, as JSON text, in which numbers have all their digits.
    pub fn spec_text(&self) -> Option<&str> {
        self.spec.some()
    }

    /// Returns the spec as a type of the caller's.
    ///
    /// # Errors
    /// Those of `serde_json`, where the spec does not fit the type.
    pub fn spec_as<T: DeserializeOwned>(&self) -> std::result::Result<T, serde_json::Error> {
        self.spec.parse_as()
    }

    /// Returns the status; `None` if the resource has none.
    pub fn status(&self) -> Option<Value> {
        self.status.parse()
    }

    /// Returns the status as it came, as JSON text.
    pub fn status_text(&self) -> Option<&str> {
        self.status.some()
    }

    /// Returns the status as a type of the caller's.
    ///
    /// # Errors
    /// Those of `serde_json`, where the status does not fit the type.
    pub fn status_as<T: DeserializeOwned>(&self) -> std::result::Result<T, serde_json::Error> {
        self.status.parse_as()
    }

    /// Returns the whole resource as the JSON text that REST answers. `upsert` takes it: the server ignores the members that
    /// belong to it.
    pub fn to_json(&self) -> String {
        let mut text = json!({"kind": self.kind, "apiVersion": self.api_version}).to_string();
        // The braces of JSON text are joined, so that spec and status stay the bytes that the store sent.
        text.pop();
        text.push_str(&format!(",\"metadata\":{}", self.metadata.to_json()));
        for (name, part) in [("spec", &self.spec), ("status", &self.status)] {
            if let Some(part) = part.some() {
                text.push_str(&format!(",\"{name}\":{part}"));
            }
        }
        text + "}"
    }

    pub(crate) fn of(message: Option<v1::Resource>) -> Result<Self> {
        let message = message.ok_or_else(|| Error::malformed("no resource is in it"))?;
        let metadata = message.metadata.ok_or_else(|| Error::malformed("the resource has no metadata"))?;
        Ok(Self {
            kind: message.kind,
            api_version: message.api_version,
            metadata: Metadata::of(metadata)?,
            spec: Text::of(&message.spec)?,
            status: Text::of(&message.status)?,
        })
    }
}

impl Metadata {
    /// Returns the members that only this kind has, such as `displayName`.
    pub fn extra(&self) -> Option<Value> {
        self.extra.parse()
    }

    /// Returns the members that only this kind has, as JSON text.
    pub fn extra_text(&self) -> Option<&str> {
        self.extra.some()
    }

    fn to_json(&self) -> String {
        let mut members = serde_json::Map::from_iter([
            ("id".to_owned(), json!(self.id)),
            ("createdAt".to_owned(), json!(self.created_at.to_string())),
            ("resourceVersion".to_owned(), json!(self.resource_version)),
        ]);
        let modified_at = self.modified_at.map(|time| time.to_string());
        for (name, value) in [
            ("name", json!(self.name)),
            ("namespace", json!(self.namespace)),
            ("modifiedAt", json!(modified_at)),
            ("labels", json!(self.labels)),
            ("annotations", json!(self.annotations)),
        ] {
            if !value.is_null() {
                members.insert(name.to_owned(), value);
            }
        }
        let text = Value::Object(members).to_string();
        match self.extra.some().and_then(|extra| extra.strip_prefix('{')).filter(|rest| *rest != "}") {
            // Joined as text and not as values, so that numbers keep all their digits.
            Some(rest) => format!("{},{rest}", &text[..text.len() - 1]),
            None => text,
        }
    }

    fn of(message: v1::Metadata) -> Result<Self> {
        Ok(Self {
            id: message.id,
            name: some(message.name),
            namespace: some(message.namespace),
            created_at: message.created_at.as_ref().map(Timestamp::of).unwrap_or_default(),
            modified_at: message.modified_at.as_ref().map(Timestamp::of),
            labels: message.labels.map(|map| map.entries),
            annotations: message.annotations.map(|map| map.entries),
            resource_version: message.resource_version,
            extra: Text::of(&message.extra)?,
        })
    }
}

impl Text {
    fn of(bytes: &Bytes) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::malformed("it is not UTF-8"))?;
        Ok(Self(text.to_owned()))
    }

    fn some(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }

    fn parse(&self) -> Option<Value> {
        self.some().and_then(|_| self.parse_as().ok())
    }

    fn parse_as<T: DeserializeOwned>(&self) -> std::result::Result<T, serde_json::Error> {
        parse(self.some().unwrap_or("null"))
    }
}

/// A value of JSON text from the store.
fn parse<T: DeserializeOwned>(text: &str) -> std::result::Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    // The store bounds the depth of a document, a little above this reader's own limit.
    reader.disable_recursion_limit();
    T::deserialize(&mut reader)
}

/// A remark about a document at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The place as a JSON pointer.
    pub pointer: String,
    /// The place as people write it: `spec.items[0]['a.b']`.
    pub attribute: String,
    /// Why, as a stable word such as `isUnknown`.
    pub reason: String,
    /// Why, for people.
    pub message: String,
    /// The fix, where the message does not make it plain.
    pub hint: Option<String>,
    /// The line in the text that was sent, from 1.
    pub line: Option<u32>,
    /// The character in its line, from 1.
    pub column: Option<u32>,
}

/// The place, the problem and the fix in one line: `spec.kubernets: is not a known member; did you mean kubernetes?`
impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.attribute, self.message)?;
        match &self.hint {
            Some(hint) if !self.message.ends_with(hint.as_str()) => write!(f, "; {hint}"),
            _ => Ok(()),
        }
    }
}

impl Diagnostic {
    pub(crate) fn all(messages: Vec<v1::Diagnostic>) -> Vec<Self> {
        let one = |message: v1::Diagnostic| {
            let start = message.span.and_then(|span| span.start);
            Self {
                pointer: message.pointer,
                attribute: message.attribute,
                reason: message.reason,
                message: message.message,
                hint: some(message.hint),
                line: start.as_ref().map(|start| start.line),
                column: start.as_ref().map(|start| start.column),
            }
        };
        messages.into_iter().map(one).collect()
    }
}

/// A version of a resource that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// The number: the `resource_version` that the resource had.
    pub version: u64,
    /// The commit that stored it; 0 for a resource that exists from the start and was never written.
    pub revision: u64,
    /// The commit that superseded it or deleted the resource; `None` for the current version.
    pub ended_revision: Option<u64>,
    /// Whether it changed more than the status.
    pub authored: bool,
    /// The resource in this version.
    pub resource: Resource,
}

impl Version {
    pub(crate) fn of(message: Option<v1::Version>) -> Result<Self> {
        let message = message.ok_or_else(|| Error::malformed("no version is in it"))?;
        Ok(Self {
            version: message.version,
            revision: message.revision,
            // A message has 0 where there is none: no commit has that number.
            ended_revision: (message.ended_revision > 0).then_some(message.ended_revision),
            authored: message.authored,
            resource: Resource::of(message.resource)?,
        })
    }
}

/// A member at which two versions differ.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The place, as a JSON pointer into both versions.
    pub path: String,
    /// The value in the first version; `None` if it has none there.
    pub old: Option<Value>,
    /// The value in the second version.
    pub new: Option<Value>,
}

impl Difference {
    pub(crate) fn of(message: v1::Difference) -> Result<Self> {
        let value = |bytes: &Bytes| Ok::<_, Error>(Text::of(bytes)?.parse());
        Ok(Self { old: value(&message.old_value)?, new: value(&message.new_value)?, path: message.path })
    }
}

/// The difference of two versions. Times and the version number do not count.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The number of the first version.
    pub from_version: u64,
    /// The number of the second version.
    pub to_version: u64,
    /// The members that differ.
    pub differences: Vec<Difference>,
}

/// A kind of resources, and the verbs that it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kind {
    /// The name in documents, such as `Deployment`.
    pub kind: String,
    /// The version of the structure, such as `v1`.
    pub api_version: String,
    /// One sentence for people.
    pub description: String,
    /// The path prefix in REST, such as `/api/v1`.
    pub group: String,
    /// The name of the collection in REST paths, such as `deployments`.
    pub plural: String,
    /// The name of one, in lower case.
    pub singular: String,
    /// Short names for people who type.
    pub short_names: Vec<String>,
    /// Whether resources live in namespaces.
    pub namespaced: bool,
    /// Whether only the system creates and changes resources.
    pub system_managed: bool,
    /// How one is addressed: `name` (by name or id), `id`, or `singleton` (one in each namespace).
    pub key_scheme: String,
    /// The verbs of users: `list`, `get`, `create`, `upsert`, `patch`, `delete`.
    pub verbs: Vec<String>,
}

impl Kind {
    pub(crate) fn of(message: v1::Kind) -> Self {
        let word = |name: &str, prefix: &str| name.trim_start_matches(prefix).to_ascii_lowercase();
        Self {
            key_scheme: word(message.key_scheme().as_str_name(), "KEY_SCHEME_"),
            verbs: message.verbs().map(|verb| word(verb.as_str_name(), "VERB_")).collect(),
            kind: message.kind,
            api_version: message.api_version,
            description: message.description,
            group: message.group,
            plural: message.plural,
            singular: message.singular,
            short_names: message.short_names,
            namespaced: message.namespaced,
            system_managed: message.system_managed,
        }
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
