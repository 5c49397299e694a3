//! Members that no schema declares.

use super::validation::{Path, Validation};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::kind::Schema;
use crate::rules::suggestion::suggestion;

impl Validation<'_> {
    pub(super) fn unknown(
        &mut self,
        schema: &Schema,
        variant: Option<&Schema>,
        name: &str,
        severity: Severity,
        path: &Path<'_>,
    ) {
        let message = match elsewhere(schema, name) {
            // The missing variant is a problem already, and without it the members cannot be checked.
            Some(_) if variant.is_none() && demands_variant(schema) => return,
            Some(value) if variant.is_some() => format!("belongs to the variant {value} and means nothing here"),
            _ => "is not a known member".to_owned(),
        };
        let mut diagnostic = Diagnostic::error(path.pointer(), Code::IsUnknown, message);
        // Suggestions are bounded, and the problem itself is reported in any case.
        if self.suggestions > 0 {
            self.suggestions -= 1;
            let known = [Some(schema), variant].into_iter().flatten().flat_map(|schema| schema.properties.keys());
            diagnostic = diagnostic.with_suggestion(suggestion(name, known.map(String::as_str)));
        }
        self.diagnostics.add(severity, diagnostic);
    }
}

fn demands_variant(schema: &Schema) -> bool {
    schema.discriminator.as_ref().is_some_and(|by| schema.required.contains(&by.property_name))
}

/// The variant that declares a member.
fn elsewhere<'s>(schema: &'s Schema, name: &str) -> Option<&'s str> {
    let owner = schema.variants.iter().find(|variant| variant.properties.contains_key(name))?;
    schema.variant_value(owner)
}
