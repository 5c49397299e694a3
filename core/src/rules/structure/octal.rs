//! Numbers that tools read differently: `0644` is 644 in YAML 1.2, and 420 where YAML 1.1 is read, as by Kubernetes.

use super::validation::{Path, Validation};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Json, Number};

/// The most warnings of one document.
const MAX_WARNINGS: usize = 20;

impl Validation<'_> {
    /// Looks at the numbers of a value that no schema describes. The depth of a document bounds the recursion.
    pub(super) fn free(&mut self, value: &Json, path: &Path<'_>) {
        match value {
            Json::Number(number) => self.octal(number, path),
            Json::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, item)| self.free(item, &Path::Item(path, index)));
            }
            Json::Object(members) => {
                members.iter().for_each(|(name, member)| self.free(member, &Path::Member(path, name)));
            }
            Json::Null | Json::Bool(_) | Json::String(_) => {}
        }
    }

    /// Warns of a number that is octal in YAML 1.1.
    pub(super) fn octal(&mut self, number: &Number, path: &Path<'_>) {
        if !number.is_spelled() || self.mode.unknown.is_none() {
            return;
        }
        let text = number.spelling();
        let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
        let is_octal =
            digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit());
        let Some(octal) = is_octal.then(|| u64::from_str_radix(digits, 8).ok()).flatten() else { return };
        if self.diagnostics.warnings.len() >= MAX_WARNINGS {
            return;
        }
        let message = format!("{text} is {number} here and {octal} for tools that read YAML 1.1, such as kubectl");
        let warning = Diagnostic::warning(path.pointer(), Code::IsAmbiguous, message);
        self.diagnostics.warnings.push(warning.with_hint(format!("write {octal} or {number}")));
    }
}
