//! Documents that go out.

use std::fmt;

use bytes::Bytes;
use kindstore_proto::v1;
use serde::Serialize;
use serde_json::Value;

use crate::resource::Resource;

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// A document for a write: a value, a resource that was read, or text, which is sent as it is written.
///
/// ```
/// use kindstore_client::{Document, Format};
/// use serde_json::json;
///
/// let value: Document = json!({"spec": {"parallelism": 2}}).into();
/// // Without a format it is JSON if it begins with a brace, else YAML.
/// let text: Document = "spec: {parallelism: 2}".into();
/// let yaml = Document::text("spec: {version: 1.10}", Format::Yaml);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    text: Bytes,
    format: Option<Format>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the text: some of its members may be secret.
        f.debug_struct("Document").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Document {
    /// Returns the document of a text in this format.
    pub fn text(text: impl Into<Bytes>, format: Format) -> Self {
        Self { text: text.into(), format: Some(format) }
    }

    /// Returns the document that a value serializes to.
    ///
    /// # Errors
    /// Those of `serde_json`, such as for a map with keys that are no strings.
    pub fn from_serialize(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self::text(serde_json::to_vec(value)?, Format::Json))
    }

    pub(crate) fn into_message(self) -> v1::Document {
        let format = match self.format {
            // The server tells the format from the text, by the same rule for all clients.
            None => v1::DocumentFormat::Unspecified,
            Some(Format::Json) => v1::DocumentFormat::Json,
            Some(Format::Yaml) => v1::DocumentFormat::Yaml,
        };
        v1::Document { text: self.text, format: format.into() }
    }
}

impl From<&Value> for Document {
    fn from(value: &Value) -> Self {
        Self::text(value.to_string(), Format::Json)
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl From<&Resource> for Document {
    fn from(resource: &Resource) -> Self {
        // As its text: a value would round large numbers on the way back.
        Self::text(resource.to_json(), Format::Json)
    }
}

impl From<Resource> for Document {
    fn from(resource: Resource) -> Self {
        Self::from(&resource)
    }
}

impl From<String> for Document {
    fn from(text: String) -> Self {
        Self { text: text.into(), format: None }
    }
}

impl From<&str> for Document {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
