//! Holds a value against a schema: one pass brings it into form, fills defaults, finds unknown members and places every
//! problem.

mod members;
mod scalar;
mod unknown;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::json::{Json, join, segments};
use crate::kind::{JsonType, Schema};
use crate::rules::envelope::Diagnostics;

pub use self::unknown::suggestion;

/// How a value is held against a schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValidationMode<'a> {
    /// Whether members that are not there take their defaults.
    pub(crate) fills: bool,
    /// JSON pointers of what takes no defaults.
    pub(crate) withheld: &'a [&'a str],
    /// How much an unknown member matters; none to say nothing of it.
    pub(crate) unknown: Option<Severity>,
    /// Whether scalars are brought into the declared type, enumerations match in any case, and a null that stands for a
    /// declared member or in a string map means that it was not given. Without it this is plain JSON Schema.
    pub(crate) is_lenient: bool,
}

impl Default for ValidationMode<'_> {
    fn default() -> Self {
        Self { fills: false, withheld: &[], unknown: Some(Severity::Warning), is_lenient: true }
    }
}

/// The most unknown members of a document that get a suggestion, which compares them with every name there is.
const MAX_SUGGESTIONS: usize = 50;

/// Holds a value against a schema and adds what is wrong with it to the remarks.
pub(crate) fn judge(schema: &Schema, value: &mut Json, mode: ValidationMode<'_>, remarks: &mut Diagnostics) {
    Judge { mode, remarks, suggestions: MAX_SUGGESTIONS }.value(schema, value, &Path::Root);
}

/// Whether a string is declared at a pointer.
pub(crate) fn declares_string(schema: &Schema, pointer: &str) -> bool {
    let declared =
        segments(pointer).try_fold(schema, |schema, segment| schema.member(&segment).or(schema.items.as_deref()));
    declared.is_some_and(|schema| schema.json_type == Some(JsonType::String))
}

/// The way to a value. Only a problem needs it written as a pointer, and most values have none.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn pointer(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Member(parent, name) => join(&parent.pointer(), name),
            Path::Item(parent, index) => join(&parent.pointer(), &index.to_string()),
        }
    }
}

struct Judge<'a> {
    mode: ValidationMode<'a>,
    remarks: &'a mut Diagnostics,
    suggestions: usize,
}

impl Judge<'_> {
    fn value(&mut self, schema: &Schema, value: &mut Json, path: &Path<'_>) {
        // Most values are strings of which nothing is asked.
        if matches!(value, Json::String(_)) && schema.takes_every_string() {
            return;
        }
        if let Some(expected) = schema.json_type {
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
        if !schema.allowed.is_empty() {
            self.one_of(schema, value, path);
        }
    }

    fn array(&mut self, schema: &Schema, items: &mut [Json], path: &Path<'_>) {
        self.count("items", items.len() as u64, (schema.min_items, schema.max_items), path);
        if let Some(schema) = &schema.items {
            for (index, item) in items.iter_mut().enumerate() {
                self.value(schema, item, &Path::Item(path, index));
            }
        }
        if schema.unique_items
            && let Some((first, again)) = scalar::twins(items)
        {
            self.report(&Path::Item(path, again), Code::IsDuplicate, format!("is the same as the item {first}"));
        }
    }

    /// Judges how many of something there are.
    fn count(&mut self, what: &str, count: u64, (least, most): (Option<u64>, Option<u64>), path: &Path<'_>) {
        if let Some(least) = least.filter(|least| count < *least) {
            self.report(path, Code::IsTooShort, format!("has {count} {what}, and {least} are the least"));
        }
        if let Some(most) = most.filter(|most| count > *most) {
            self.report(path, Code::IsTooLong, format!("has {count} {what}, and {most} are the most"));
        }
    }

    fn report(&mut self, path: &Path<'_>, code: Code, message: String) {
        self.tell(Diagnostic::error(path.pointer(), code, message));
    }

    fn tell(&mut self, problem: Diagnostic) {
        self.remarks.problems.push(problem);
    }
}
