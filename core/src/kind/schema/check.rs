//! Checks a schema before any value is validated by it.

use super::{Additional, JsonType, Schema, StringFormat};
use crate::json::join;

impl Schema {
    /// Returns the contradictions in this schema, each with its place.
    ///
    /// # Errors
    /// The first that is found.
    pub(crate) fn check(&self, place: &str) -> Result<(), String> {
        let wrong = |why: String| Err(format!("{}: {why}", if place.is_empty() { "the schema" } else { place }));
        if let Some(word) = self.misplaced() {
            return wrong(format!("`{word}` does not go with this type"));
        }
        if let Some(name) = self.undeclared() {
            return wrong(format!("the member {name:?} is not declared"));
        }
        if self.discriminator.is_some() == self.variants.is_empty() {
            return wrong("`discriminator` goes with `oneOf`, and only with it".to_owned());
        }
        // As in JSON Schema, where `additionalProperties` ignores members that are declared in a branch of `oneOf`.
        if !self.variants.is_empty() && !matches!(self.additional_properties, Additional::Unsaid) {
            return wrong("`additionalProperties` does not see the members of variants; leave it out".to_owned());
        }
        if !self.exactly_one_of.is_empty() && !self.at_most_one_of.is_empty() {
            return wrong("`exactlyOneOf` and `atMostOneOf` exclude each other".to_owned());
        }
        if let Some(variant) = self.variants.iter().position(|variant| self.variant_value(variant).is_none()) {
            return wrong(format!("the variant {variant} has no `const` for the discriminating member"));
        }
        self.parts().into_iter().try_for_each(|(name, part)| part.check(&join(place, &name)))
    }

    fn parts(&self) -> Vec<(String, &Schema)> {
        let members = self.properties.iter().map(|(name, schema)| (name.clone(), schema));
        let variants = self.variants.iter().enumerate().map(|(index, schema)| (format!("oneOf {index}"), schema));
        let others = [
            ("items", self.items.as_deref()),
            ("additionalProperties", self.additional_properties.schema()),
            ("propertyNames", self.property_names.as_deref()),
        ];
        let others = others.into_iter().filter_map(|(name, schema)| Some((name.to_owned(), schema?)));
        members.chain(variants).chain(others).collect()
    }

    /// The first keyword that applies to another type than the declared one.
    fn misplaced(&self) -> Option<&'static str> {
        let has_members = !self.properties.is_empty()
            || !self.required.is_empty()
            || !self.variants.is_empty()
            || !self.alternatives().is_empty()
            || !self.dependent_required.is_empty()
            || self.min_properties.or(self.max_properties).is_some()
            || self.property_names.is_some()
            || !matches!(self.additional_properties, Additional::Unsaid);
        let has_range = [&self.minimum, &self.maximum, &self.exclusive_minimum, &self.exclusive_maximum]
            .iter()
            .any(|bound| bound.is_some());
        let is = |types: &[JsonType]| self.json_type.is_none_or(|json_type| types.contains(&json_type));
        let words = [
            ("properties", has_members, is(&[JsonType::Object])),
            ("minimum", has_range, is(&[JsonType::Integer, JsonType::Number])),
            (
                "minLength",
                self.min_length.or(self.max_length).is_some() || self.pattern.is_some() || self.format.is_some(),
                is(&[JsonType::String]),
            ),
            (
                "items",
                self.items.is_some() || self.min_items.or(self.max_items).is_some() || self.unique_items,
                is(&[JsonType::Array]),
            ),
            ("minimumBytes", self.minimum_bytes.is_some(), self.format == Some(StringFormat::ByteSize)),
        ];
        words.into_iter().find(|(_, is_said, fits)| *is_said && !fits).map(|(word, ..)| word)
    }

    /// The first name in a rule that no member has.
    fn undeclared(&self) -> Option<&str> {
        let dependent = self.dependent_required.iter().flat_map(|(name, others)| std::iter::once(name).chain(others));
        let named = self.required.iter().chain(self.alternatives()).chain(dependent);
        let discriminated = self.discriminator.as_ref().map(|discriminator| &discriminator.property_name);
        named
            .filter(|name| Some(*name) != discriminated)
            .find(|name| !self.properties.contains_key(name) && self.additional_properties.schema().is_none())
            .map(String::as_str)
    }
}
