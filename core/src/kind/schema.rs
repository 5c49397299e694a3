//! A checked subset of JSON Schema 2020-12 with a few words of its own: an unknown keyword is an error when a definition
//! loads.

mod check;
mod export;
mod facts;
mod format;
mod pattern;
mod properties;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

pub use self::export::SchemaDialect;
pub(super) use self::export::allow_null;
pub use self::format::StringFormat;
pub(crate) use self::format::byte_count;
pub use self::pattern::Pattern;
pub use self::properties::Properties;
use crate::json::{Json, Number};

/// The schema of a value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Schema {
    /// The JSON type; none allows every type.
    #[serde(rename = "type")]
    pub json_type: Option<JsonType>,
    /// Its title for people.
    pub title: Option<String>,
    /// One sentence for people, or a few.
    pub description: Option<String>,
    /// Example values.
    #[serde(default)]
    pub examples: Vec<Json>,
    /// The format of a string.
    pub format: Option<StringFormat>,
    /// The smallest amount of bytes that a string of the format `byte-size` may denote.
    pub minimum_bytes: Option<u64>,
    /// The only values there are.
    #[serde(rename = "enum", default)]
    pub allowed: Vec<Json>,
    /// What a resource has when neither its document nor any other default says something. A default within an object
    /// that is not there fills nothing; give the object the default `{}` where it should.
    pub default: Option<Json>,
    /// Whether the member belongs to the system: ignored when users write it.
    #[serde(default)]
    pub read_only: bool,
    /// Whether the member should not be used any more.
    #[serde(default)]
    pub deprecated: bool,
    /// The least number.
    pub minimum: Option<Number>,
    /// The greatest number.
    pub maximum: Option<Number>,
    /// The number must be greater than this.
    pub exclusive_minimum: Option<Number>,
    /// The number must be less than this.
    pub exclusive_maximum: Option<Number>,
    /// The fewest characters of a string.
    pub min_length: Option<u64>,
    /// The most characters of a string.
    pub max_length: Option<u64>,
    /// A pattern that some part of the string must match.
    pub pattern: Option<Pattern>,
    /// The schema of the items of an array.
    pub items: Option<Box<Schema>>,
    /// The fewest items of an array.
    pub min_items: Option<u64>,
    /// The most items of an array.
    pub max_items: Option<u64>,
    /// Whether all items of an array differ.
    #[serde(default)]
    pub unique_items: bool,
    /// The members that an object must have.
    #[serde(default)]
    pub required: Vec<String>,
    /// The members that are declared.
    #[serde(default)]
    pub properties: Properties<Schema>,
    /// The rule for members that are not declared.
    #[serde(default)]
    pub additional_properties: Additional,
    /// The schema of the names of members.
    pub property_names: Option<Box<Schema>>,
    /// The fewest members of an object.
    pub min_properties: Option<u64>,
    /// The most members of an object.
    pub max_properties: Option<u64>,
    /// Which other members an object must have when it has one of these.
    #[serde(default)]
    pub dependent_required: BTreeMap<String, Vec<String>>,
    /// Members of which an object has exactly one.
    #[serde(default)]
    pub exactly_one_of: Vec<String>,
    /// Members of which an object has one or none.
    #[serde(default)]
    pub at_most_one_of: Vec<String>,
    /// The member that says which of the variants an object is.
    pub discriminator: Option<Discriminator>,
    /// The variants. Each declares the discriminating member with the one value that stands for it.
    #[serde(rename = "oneOf", default)]
    pub variants: Vec<Schema>,
}

/// The rule for members of an object that its schema does not declare.
#[derive(Clone, Debug, Default)]
pub enum Additional {
    /// No rule. An unknown member is a warning where the schema declares members; otherwise the object is free.
    #[default]
    Unsaid,
    /// Anything.
    Free,
    /// There are none.
    None,
    /// Each must match this schema.
    Like(Box<Schema>),
}

/// The member that selects the variant, as in OpenAPI.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Discriminator {
    /// The name of the member.
    pub property_name: String,
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

impl Additional {
    /// The schema of members that are not declared, if there is one.
    pub fn schema(&self) -> Option<&Schema> {
        match self {
            Additional::Like(schema) => Some(schema),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Additional {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Flag(bool),
            Like(Json),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Flag(true) => Additional::Free,
            Form::Flag(false) => Additional::None,
            Form::Like(schema) => {
                let schema = serde_json::from_value(schema.into()).map_err(serde::de::Error::custom)?;
                Additional::Like(Box::new(schema))
            }
        })
    }
}

impl Schema {
    /// Whether every string is a value of this schema.
    pub(crate) fn takes_every_string(&self) -> bool {
        self.json_type == Some(JsonType::String)
            && self.format.is_none()
            && self.allowed.is_empty()
            && self.pattern.is_none()
            && self.min_length.is_none()
            && self.max_length.is_none()
    }

    /// Whether values are strings under strings, such as labels.
    pub fn is_string_map(&self) -> bool {
        self.additional_properties.schema().is_some_and(|values| values.json_type == Some(JsonType::String))
    }

    /// Whether an object may have any members: none are declared.
    pub fn is_free(&self) -> bool {
        match self.additional_properties {
            Additional::Free => true,
            // An object with declared members is a closed world for typos; one without any is a map of the user.
            Additional::Unsaid => self.properties.is_empty() && self.variants.is_empty(),
            Additional::None | Additional::Like(_) => false,
        }
    }

    /// The schema of a member, if members of that name are declared, by whichever variant.
    pub fn member(&self, name: &str) -> Option<&Schema> {
        // The first variant that declares the name: callers here have no document that could select one.
        let declared = self.properties.get(name).or_else(|| self.additional_properties.schema());
        declared.or_else(|| self.variants.iter().find_map(|variant| variant.properties.get(name)))
    }

    /// The value of the discriminating member that stands for a variant.
    pub fn variant_value<'s>(&self, variant: &'s Schema) -> Option<&'s str> {
        let member = variant.properties.get(&self.discriminator.as_ref()?.property_name)?;
        member.allowed.first()?.as_str()
    }

    /// The variant of this value of the discriminating member, in any case.
    pub fn variant(&self, value: &str) -> Option<&Schema> {
        // In any case, because the store brings the discriminating member into its declared spelling.
        let stands = |variant: &&Schema| self.variant_value(variant).is_some_and(|own| own.eq_ignore_ascii_case(value));
        self.variants.iter().find(stands)
    }

    /// Members of which an object may have at most one, by `atMostOneOf` or `exactlyOneOf`.
    pub fn alternatives(&self) -> &[String] {
        if self.exactly_one_of.is_empty() { &self.at_most_one_of } else { &self.exactly_one_of }
    }
}
