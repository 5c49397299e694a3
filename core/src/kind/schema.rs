//! A checked subset of JSON Schema 2020-12: an unknown keyword is an error when a definition loads.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::json::Json;

/// What a value may be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schema {
    /// The JSON type; none allows every type.
    #[serde(rename = "type")]
    pub json_type: Option<JsonType>,
    /// One sentence for people.
    pub description: Option<String>,
    /// What a string looks like.
    pub format: Option<StringFormat>,
    /// The only values there are.
    #[serde(rename = "enum", default)]
    pub one_of: Vec<Json>,
    /// What a new resource has when its document says nothing.
    pub default: Option<Json>,
    /// Whether the member belongs to the system: ignored when users write it.
    #[serde(default)]
    pub read_only: bool,
    /// The members that an object must have.
    #[serde(default)]
    pub required: Vec<String>,
    /// The members that are declared.
    #[serde(default)]
    pub properties: BTreeMap<String, Schema>,
    /// What members may be that are not declared; none allows everything.
    #[serde(default, deserialize_with = "some_schema")]
    pub additional_properties: Option<Box<Schema>>,
    /// What the items of an array may be.
    pub items: Option<Box<Schema>>,
}

/// The types of JSON Schema that definitions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// `true` or `false`
    Boolean,
    /// A number without fraction, within i64 or u64.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonType {
    /// The type with its article.
    pub fn name(self) -> &'static str {
        match self {
            JsonType::Boolean => "a boolean",
            JsonType::Integer => "an integer",
            JsonType::Number => "a number",
            JsonType::String => "a string",
            JsonType::Array => "an array",
            JsonType::Object => "an object",
        }
    }
}

/// The formats of strings that definitions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StringFormat {
    /// A hyphenated UUID.
    Uuid,
    /// A time in RFC 3339.
    DateTime,
}

impl Schema {
    /// Whether values are strings under strings, such as labels.
    pub fn is_string_map(&self) -> bool {
        self.additional_properties.as_ref().is_some_and(|values| values.json_type == Some(JsonType::String))
    }
}

fn some_schema<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<Schema>>, D::Error> {
    Schema::deserialize(deserializer).map(|schema| Some(Box::new(schema)))
}
