//! The values that a slot may be given: those that are declared, and those that are shown as examples.

use std::borrow::Cow;

use super::field::{Field, Identity, Reader};
use super::read::names_of;
use crate::json::Json;
use crate::kind::{JsonType, Kind, ReferenceKey, Schema};

/// A value to choose.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) value: Json,
    pub(super) detail: Option<String>,
    pub(super) documentation: Option<String>,
}

/// The values of a slot, the likeliest first, each once.
pub(super) fn offers(reader: &Reader<'_, '_, '_>, field: &Field<'_>) -> Vec<Offer> {
    let mut offers = match field.identity {
        Some(Identity::Kind) => return kinds(reader),
        Some(Identity::ApiVersion) => return versions(reader),
        None => Vec::new(),
    };
    for name in named(reader, field) {
        add(&mut offers, &Json::from(&*name), "in this text", None);
    }
    for schema in &field.schemas {
        of_schema(&mut offers, schema, field);
    }
    for example in field.around.iter().flat_map(|schema| shown(schema)).flat_map(|example| within(example, field)) {
        add(&mut offers, example, "example", None);
    }
    offers
}

/// Names of other documents of the text, when the field refers to their kind.
fn named<'t>(reader: &Reader<'_, 't, '_>, field: &Field<'_>) -> Vec<Cow<'t, str>> {
    let references = reader.kind.into_iter().flat_map(|kind| &kind.references);
    let by_name = references.filter(|reference| reference.pointer == field.place && reference.by == ReferenceKey::Name);
    by_name.flat_map(|reference| names_of(reader.scan, &reference.kind)).collect()
}

/// The only value that a slot may have, if there is one.
pub(super) fn only(reader: &Reader<'_, '_, '_>, identity: Identity) -> Option<Json> {
    let mut offers = match identity {
        Identity::Kind => kinds(reader),
        Identity::ApiVersion => versions(reader),
    };
    let first = offers.pop().filter(|_| offers.is_empty())?;
    Some(first.value)
}

fn kinds(reader: &Reader<'_, '_, '_>) -> Vec<Offer> {
    let kinds = reader.registry.kinds().iter();
    let offer = kinds.map(|kind| Offer {
        value: Json::from(&*kind.name),
        detail: Some(kind.api_version.to_string()),
        documentation: Some(kind.description.clone()),
    });
    offer.collect()
}

fn versions(reader: &Reader<'_, '_, '_>) -> Vec<Offer> {
    let mut offers = Vec::new();
    let is_meant = |kind: &&Kind| reader.kind.is_none_or(|own| own.name == kind.name);
    for kind in reader.registry.kinds().iter().map(|kind| &**kind).filter(is_meant) {
        add(&mut offers, &Json::from(&*kind.api_version), "apiVersion", None);
    }
    offers.iter_mut().for_each(|offer| offer.detail = reader.kind.map(|kind| kind.name.to_string()));
    offers
}

fn of_schema(offers: &mut Vec<Offer>, schema: &Schema, field: &Field<'_>) {
    let word = if schema.allowed.len() == 1 { "const" } else { "enum" };
    for value in &schema.allowed {
        add(offers, value, word, variant_description(field, value));
    }
    if schema.json_type == Some(JsonType::Boolean) && schema.allowed.is_empty() {
        add(offers, &Json::from(true), "boolean", None);
        add(offers, &Json::from(false), "boolean", None);
    }
    if let Some(default) = schema.default.as_ref().filter(|default| !is_empty(default)) {
        match offers.iter_mut().find(|offer| offer.value == *default) {
            Some(offer) => offer.detail = offer.detail.take().map(|detail| format!("{detail}, default")),
            None => add(offers, default, "default", None),
        }
    }
    for example in &schema.examples {
        add(offers, example, "example", None);
    }
}

/// Describes the variant that a value of the discriminating member selects.
fn variant_description(field: &Field<'_>, value: &Json) -> Option<String> {
    let name = field.name.as_deref()?;
    let around = field.around.iter().find(|schema| {
        let by = schema.discriminator.as_ref();
        by.is_some_and(|by| by.property_name == name)
    })?;
    around.variant(value.as_str()?)?.description.clone()
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::Object(members) if members.is_empty())
        || matches!(value, Json::Array(items) if items.is_empty())
}

fn add(offers: &mut Vec<Offer>, value: &Json, detail: &str, documentation: Option<String>) {
    if offers.iter().all(|offer| offer.value != *value) {
        offers.push(Offer { value: value.clone(), detail: Some(detail.to_owned()), documentation });
    }
}

/// The values that a schema shows.
pub(super) fn shown(schema: &Schema) -> impl Iterator<Item = &Json> {
    schema.examples.iter().chain(&schema.default)
}

/// The part of a map's or list's example that shows a value within it.
fn within<'e>(example: &'e Json, field: &Field<'_>) -> Vec<&'e Json> {
    match (example, &field.name) {
        (Json::Object(members), Some(name)) => members.get(name).into_iter().collect(),
        (Json::Array(items), None) => items.iter().collect(),
        _ => Vec::new(),
    }
}
