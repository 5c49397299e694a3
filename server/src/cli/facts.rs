//! What can be said about a member beside its description: its type, its bounds, its defaults.

use kindstore::{Additional, Number, Schema, StringFormat};

use super::console::HEAD;
use super::explain::word;

/// A sentence for each fact; `more` are those that the schema does not know.
pub(crate) fn of(schema: &Schema, more: &[String]) -> Vec<String> {
    let mut facts = Vec::new();
    if !schema.allowed.is_empty() {
        facts.push(format!("One of {}.", schema.allowed.iter().map(word).collect::<Vec<_>>().join(", ")));
    }
    if let Some(default) = &schema.default {
        facts.push(format!("Without it, it is {}.", word(default)));
    }
    facts.extend(bounds(schema));
    facts.extend(counts(schema));
    if let Some(format) = schema.format {
        facts.push(format_fact(format));
    }
    if let Some(pattern) = &schema.pattern {
        facts.push(format!("It matches {}", pattern.as_str()));
    }
    if schema.unique_items {
        facts.push("No two items are the same.".to_owned());
    }
    facts.extend(relations(schema));
    if schema.read_only {
        facts.push("It is written by the system.".to_owned());
    }
    if schema.deprecated {
        facts.push("It should not be used any more.".to_owned());
    }
    facts.extend_from_slice(more);
    facts
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

/// Values that somebody may want to copy.
pub(crate) fn examples(text: &mut String, schema: &Schema) {
    if schema.examples.is_empty() {
        return;
    }
    text.push_str(&format!("\n{HEAD}EXAMPLES:{HEAD:#}\n"));
    for example in &schema.examples {
        text.push_str(&format!("  {}\n", word(example)));
    }
}

/// The type as people write it: `[]string`, `map[string]string`.
pub(crate) fn type_name(schema: &Schema) -> String {
    if let Some(items) = &schema.items {
        return format!("[]{}", type_name(items));
    }
    if schema.is_string_map() {
        return "map[string]string".to_owned();
    }
    match schema.json_type {
        Some(json_type) => json_type.name().rsplit(' ').next().unwrap_or_default().to_owned(),
        None => "any".to_owned(),
    }
}
