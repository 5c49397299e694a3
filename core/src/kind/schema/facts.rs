//! Facts about a value beside its description, as sentences: its type, bounds and defaults. `explain` and editors show the
//! same ones.

use super::{Additional, Schema, StringFormat};
use crate::json::{Json, Number};

impl Schema {
    /// The type as people write it: `[]string`, `map[string]string`.
    ///
    /// ```
    /// let registry = kindstore::Registry::builtin()?;
    /// let kind = registry.require("Deployment")?;
    /// assert_eq!(kind.metadata_schema("labels").map(kindstore::kind::Schema::type_name).as_deref(), Some("map[string]string"));
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    pub fn type_name(&self) -> String {
        let mut schema = self;
        let mut name = String::new();
        while let Some(items) = &schema.items {
            name.push_str("[]");
            schema = items;
        }
        name.push_str(match schema.json_type {
            _ if schema.is_string_map() => "map[string]string",
            Some(json_type) => json_type.name().rsplit(' ').next().unwrap_or_default(),
            None => "any",
        });
        name
    }

    /// The schema of the innermost items of an array; of any other value, the schema itself.
    pub fn innermost(&self) -> &Schema {
        let mut schema = self;
        while let Some(items) = &schema.items {
            schema = items;
        }
        schema
    }

    /// The names of the declared members, sorted, those of all variants with them.
    pub fn member_names(&self) -> Vec<&str> {
        let all = self.variants.iter().chain([self]).flat_map(|schema| schema.properties.keys());
        let mut names: Vec<&str> = all.map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A sentence for each thing that holds of a value, beside its type.
    pub fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        if !self.allowed.is_empty() {
            facts.push(format!("One of {}.", self.allowed.iter().map(Json::to_word).collect::<Vec<_>>().join(", ")));
        }
        if let Some(default) = &self.default {
            facts.push(format!("Without it, it is {}.", default.to_word()));
        }
        facts.extend(bounds(self));
        facts.extend(counts(self));
        if let Some(format) = self.format {
            facts.push(format_fact(format));
        }
        if let Some(pattern) = &self.pattern {
            facts.push(format!("It matches {}", pattern.as_str()));
        }
        if self.unique_items {
            facts.push("No two items are the same.".to_owned());
        }
        facts.extend(relations(self));
        if self.read_only {
            facts.push("It is written by the system.".to_owned());
        }
        if self.deprecated {
            facts.push("It should not be used any more.".to_owned());
        }
        facts
    }
}

fn bounds(schema: &Schema) -> Vec<String> {
    let said = |text: &str, number: &Option<Number>| {
        number.as_ref().map(|number| format!("It is {text} {}.", Number::text(number)))
    };
    let mut facts: Vec<String> = [
        said("at least", &schema.minimum),
        said("at most", &schema.maximum),
        said("more than", &schema.exclusive_minimum),
        said("less than", &schema.exclusive_maximum),
    ]
    .into_iter()
    .flatten()
    .collect();
    facts.extend(schema.minimum_bytes.map(|bytes| format!("It says at least {bytes} bytes.")));
    facts
}

fn counts(schema: &Schema) -> Vec<String> {
    let said = |(what, least, most): (&str, Option<u64>, Option<u64>)| match (least, most) {
        (None, None) => None,
        (Some(least), None) => Some(format!("It has at least {least} {what}.")),
        (None, Some(most)) => Some(format!("It has at most {most} {what}.")),
        (Some(least), Some(most)) => Some(format!("It has {least} to {most} {what}.")),
    };
    let counts = [
        ("characters", schema.min_length, schema.max_length),
        ("items", schema.min_items, schema.max_items),
        ("members", schema.min_properties, schema.max_properties),
    ];
    counts.into_iter().filter_map(said).collect()
}

/// The name of a format, as definitions write it.
fn format_fact(format: StringFormat) -> String {
    let name = serde_json::to_value(format).ok().and_then(|name| name.as_str().map(str::to_owned));
    format!("Its format is {}.", name.unwrap_or_default())
}

fn relations(schema: &Schema) -> Vec<String> {
    let mut facts = Vec::new();
    if !schema.exactly_one_of.is_empty() {
        facts.push(format!("It has exactly one of {}.", schema.exactly_one_of.join(", ")));
    }
    if !schema.at_most_one_of.is_empty() {
        facts.push(format!("It has at most one of {}.", schema.at_most_one_of.join(", ")));
    }
    for (name, others) in &schema.dependent_required {
        facts.push(format!("With {name} it also has {}.", others.join(", ")));
    }
    if let Some(discriminator) = &schema.discriminator {
        let values: Vec<&str> = schema.variants.iter().filter_map(|variant| schema.variant_value(variant)).collect();
        facts.push(format!("Its {} is one of {}.", discriminator.property_name, values.join(", ")));
    }
    match &schema.additional_properties {
        Additional::None => facts.push("It has no other members.".to_owned()),
        Additional::Free => facts.push("It may have any other members.".to_owned()),
        Additional::Unsaid | Additional::Like(_) => {}
    }
    facts
}
