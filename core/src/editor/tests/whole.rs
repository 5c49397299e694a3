//! Documents with every member of every kind: whatever is taken out of them is offered, and what is offered can be read.

use crate::editor::{Completions, complete};
use crate::json::{Json, Members};
use crate::kind::{JsonType, Kind, Schema};
use crate::manifest::{Format, Limits, Tree, read_all, write_yaml};
use crate::registry::Registry;

/// A value with all that a schema declares; of variants, the one with this number.
fn whole(schema: &Schema, variant: usize) -> Json {
    match schema.json_type {
        Some(JsonType::Object) => {
            let chosen = schema.variants.get(variant % schema.variants.len().max(1));
            let parts = std::iter::once(schema).chain(chosen);
            let all = parts.flat_map(|part| part.properties.iter()).filter(|(_, member)| !member.read_only);
            let mut members: Members = all.map(|(name, member)| (name.clone(), whole(member, variant))).collect();
            let alternatives = schema.alternatives();
            members
                .retain(|name, _| !alternatives.contains(name) || *name == alternatives[variant % alternatives.len()]);
            Json::Object(members)
        }
        Some(JsonType::Array) => Json::Array(schema.items.iter().map(|items| whole(items, variant)).collect()),
        _ => {
            let shown = schema.allowed.first().or(schema.default.as_ref()).or(schema.examples.first()).cloned();
            shown.unwrap_or_else(|| match schema.json_type {
                Some(JsonType::Integer | JsonType::Number) => Json::from(serde_json::json!(1)),
                _ => Json::from("x"),
            })
        }
    }
}

/// Documents of a kind that say all, one for each variant.
fn documents(kind: &Kind) -> Vec<Json> {
    let document = |variant: usize| {
        let Json::Object(mut members) = whole(&kind.schema, variant) else { panic!("a document is an object") };
        members.insert("kind".to_owned(), Json::from(&*kind.name));
        members.insert("apiVersion".to_owned(), Json::from(&*kind.api_version));
        Json::Object(members)
    };
    let mut documents: Vec<Json> = (0..3).map(document).collect();
    documents.dedup();
    documents
}

/// A line of YAML in parts: what comes before the key, the key, and what comes behind its colon.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let start = line.len() - line.trim_start_matches([' ', '-']).len();
    let (key, rest) = line[start..].split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '))?;
    Some((&line[..start], key, rest.trim()))
}

fn labels(found: &Completions) -> Vec<&str> {
    found.items.iter().map(|item| item.label.as_str()).collect()
}

#[test]
fn a_name_that_is_half_typed_is_offered_with_all_else_there() {
    let registry = Registry::builtin().unwrap();
    let mut count = 0;
    for kind in registry.kinds() {
        for document in documents(kind) {
            let text = write_yaml(&Tree::Value(&document));
            let mut at = 0;
            for line in text.split_inclusive('\n') {
                let (before, after) = (&text[..at], &text[at + line.len()..]);
                at += line.len();
                let Some((lead, key, value)) = parts(line.trim_end()) else { continue };
                let first: String = key.chars().take(2).collect();
                let name = key.trim_matches('"');
                // The name of the kind says what all the rest is.
                if key.is_empty() || (lead.is_empty() && name == "kind") {
                    continue;
                }
                let typed = format!("{before}{lead}{first}");
                let found = complete(&registry, &format!("{typed}\n{after}"), typed.len(), Format::Yaml);
                assert!(labels(&found).contains(&name), "{name} at {} of\n{typed}|\n{after}", typed.len());
                let found = complete(&registry, &typed, typed.len(), Format::Yaml);
                let is_known = text.find("kind:").is_some_and(|at| at < typed.len());
                assert!(!is_known || lead.is_empty() || labels(&found).contains(&name), "{name} of\n{typed}|");
                if !value.is_empty() && !matches!(value, "{}" | "[]" | "|" | "x" | "1") {
                    let typed = format!("{before}{lead}{key}: ");
                    let found = complete(&registry, &format!("{typed}\n{after}"), typed.len(), Format::Yaml);
                    let is_offered = found.items.iter().any(|item| item.insert == value);
                    assert!(is_offered, "{value} is not among {:?} of\n{typed}|", labels(&found));
                }
                count += 1;
            }
        }
    }
    assert!(count > 500, "only {count} names were seen");
}

/// Whether a text with an item in it can be read.
fn assert_read(text: &str, found: &Completions, format: Format) {
    for item in &found.items {
        let typed = format!("{}{}{}", &text[..found.from], item.insert, &text[found.to..]);
        let outcome = read_all(typed.as_bytes(), format, &Limits::default());
        assert!(outcome.is_ok(), "{:?} makes {outcome:?} of\n{typed}", item.label);
    }
}

#[test]
fn whatever_is_offered_can_be_read_in_its_place() {
    let registry = Registry::builtin().unwrap();
    let mut count = 0;
    for kind in registry.kinds() {
        for document in documents(kind) {
            let text = write_yaml(&Tree::Value(&document));
            let mut at = 0;
            for line in text.split_inclusive('\n') {
                at += line.len();
                let Some((lead, key, value)) = parts(line.trim_end()) else { continue };
                let begin = at - line.len();
                let column = lead.len();
                let is_within = |line: &&str| line.len() - line.trim_start().len() > column;
                let length: usize = text[at..].split_inclusive('\n').take_while(is_within).map(str::len).sum();
                let (before, after) = (&text[..begin], &text[at + length..]);
                // Nothing of the member is there, or its name and its colon.
                let empty = format!("{before}{lead}");
                let named = format!("{before}{lead}{key}:");
                for typed in [empty, named.clone(), named + " "] {
                    let full = format!("{typed}\n{after}");
                    let found = complete(&registry, &full, typed.len(), Format::Yaml);
                    count += found.items.len();
                    if value != "|" {
                        assert_read(&full, &found, Format::Yaml);
                    }
                }
            }
        }
    }
    assert!(count > 5_000, "only {count} items were tried");
}

#[test]
fn whatever_is_offered_between_brackets_can_be_read_in_its_place() {
    let registry = Registry::builtin().unwrap();
    let mut count = 0;
    for document in registry.kinds().iter().flat_map(|kind| documents(kind)) {
        let text = serde_json::to_string_pretty(&document).unwrap();
        for (at, _) in text.match_indices(['{', '[', '"']) {
            // Behind a bracket names and items can be typed, and within quotes other ones.
            let at = at + 1;
            for format in [Format::Yaml, Format::Json] {
                let mut found = complete(&registry, &text, at, format);
                count += found.items.len();
                // A number is still to be typed behind its name, without which JSON cannot be read.
                found
                    .items
                    .retain(|item| format == Format::Yaml || !item.insert.trim_end_matches([' ', ',']).ends_with(':'));
                // An item that has others behind it needs a comma, which the user types.
                let is_item = text[..at].ends_with('[') && !text[at..].trim_start().starts_with(']');
                if !is_item {
                    assert_read(&text, &found, format);
                }
            }
        }
    }
    assert!(count > 5_000, "only {count} items were tried");
}
