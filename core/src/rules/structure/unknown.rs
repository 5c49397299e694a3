//! Members that no schema declares.

use super::object_schema::ObjectSchema;
use super::validation::{Path, Validation};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::rules::suggestion::suggestion;

impl Validation<'_> {
    pub(super) fn unknown(&mut self, schema: ObjectSchema<'_>, name: &str, severity: Severity, path: &Path<'_>) {
        let message = match schema.variant_with(name) {
            // The missing variant is a problem already, and without it the members cannot be checked.
            Some(_) if schema.lacks_variant() => return,
            Some(value) if schema.variant.is_some() => format!("belongs to the variant {value} and means nothing here"),
            _ => "is not a known member".to_owned(),
        };
        let mut diagnostic = Diagnostic::error(path.pointer(), Code::IsUnknown, message);
        // Suggestions are bounded, and the problem itself is reported in any case.
        if self.suggestions > 0 {
            self.suggestions -= 1;
            diagnostic = diagnostic.with_suggestion(suggestion(name, schema.declared()));
        }
        self.diagnostics.add(severity, diagnostic);
    }
}
