//! Members that no schema declares.

use super::object_schema::ObjectSchema;
use super::validation::{Path, Validation};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::rules::suggestion::suggestion;

impl Validation<'_> {
    /// Reports an unknown member; without a severity nothing is reported.
    pub(super) fn unknown(
        &mut self,
        schema: ObjectSchema<'_>,
        name: &str,
        severity: Option<Severity>,
        path: &Path<'_>,
    ) {
        let Some(severity) = severity else { return };
        let is_dropped = self.mode.drops_unknown && severity == Severity::Warning;
        let message = match schema.variant_with(name) {
            // The missing variant is a problem already, and without it the members cannot be checked.
            Some(_) if schema.lacks_variant() => return,
            Some(value) if schema.variant.is_some() => match is_dropped {
                true => format!("belongs to the variant {value}, means nothing here and was dropped"),
                false => format!("belongs to the variant {value} and means nothing here"),
            },
            _ if is_dropped && !schema.lacks_variant() => "is not a known member and was dropped".to_owned(),
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
