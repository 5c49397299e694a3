//! Compares a value with a schema: one pass coerces scalars, fills defaults, finds unknown members and places every problem.

mod members;
mod object_schema;
mod octal;
mod scalar;
mod unknown;
mod validation;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;

pub(crate) use self::validation::ValidationMode;
use self::validation::{Path, Validation};
use super::diagnostics::Diagnostics;
use crate::diagnostic::Code;
use crate::json::{Json, segments};
use crate::kind::{JsonType, Schema};

/// Validates a value by a schema: brings it into its declared form and adds each problem to `diagnostics`.
pub(crate) fn validate(schema: &Schema, value: &mut Json, mode: ValidationMode<'_>, diagnostics: &mut Diagnostics) {
    Validation::new(mode, diagnostics).value(schema, value, &Path::Root);
}

/// Whether a string is declared at a pointer.
pub(crate) fn declares_string(schema: &Schema, pointer: &str) -> bool {
    let declared =
        segments(pointer).try_fold(schema, |schema, segment| schema.member(&segment).or(schema.items.as_deref()));
    declared.is_some_and(|schema| schema.json_type == Some(JsonType::String))
}

impl Validation<'_> {
    pub(super) fn value(&mut self, schema: &Schema, value: &mut Json, path: &Path<'_>) {
        // Most values are strings of which nothing is asked.
        if matches!(value, Json::String(_)) && schema.takes_every_string() {
            return;
        }
        if let Some(expected) = schema.json_type {
            // Before the type check: a user who writes 1.20 for a version means the text.
            if self.mode.is_lenient {
                scalar::coerce(expected, value);
            }
            if !scalar::is_type(expected, value) {
                return self.report(path, Code::HasWrongType, scalar::wrong_type(expected, value));
            }
        }
        match value {
            Json::Object(members) => self.object(schema, members, path),
            Json::Array(items) => self.array(schema, items, path),
            _ => self.scalar(schema, value, path),
        }
        // Also for arrays and objects: JSON Schema allows any value in an enumeration.
        if !schema.allowed.is_empty() {
            self.one_of(schema, value, path);
        }
    }

    fn array(&mut self, schema: &Schema, items: &mut [Json], path: &Path<'_>) {
        self.count("items", items.len() as u64, (schema.min_items, schema.max_items), path);
        for (index, item) in items.iter_mut().enumerate() {
            match &schema.items {
                Some(schema) => self.value(schema, item, &Path::Item(path, index)),
                None => self.free(item, &Path::Item(path, index)),
            }
        }
        if schema.unique_items
            && let Some((first, again)) = scalar::twins(items)
        {
            self.report(&Path::Item(path, again), Code::IsDuplicate, format!("is the same as the item {first}"));
        }
    }
}
