//! JSON Patch, RFC 6902: reads a patch, applies it whole or not at all, and computes one between two values.

mod apply;
mod between;
mod mismatch;
mod place;
#[cfg(test)]
pub(crate) mod samples;
mod sequence;
mod trail;

#[cfg(test)]
mod tests;

pub(crate) use self::apply::apply;
pub use self::between::json_patch_between;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::json::{Json, join};
use crate::rules::suggestion::suggestion;

/// The most operations of a patch.
pub(crate) const MAX_OPERATIONS: usize = 1000;

/// One operation of a patch that was read: its members are there, and its pointers are pointers.
pub(crate) struct Operation<'p> {
    /// Its place in the patch.
    pub(crate) index: usize,
    pub(crate) path: &'p str,
    pub(crate) action: Action<'p>,
}

/// The effect of an operation at its path.
pub(crate) enum Action<'p> {
    Add(&'p Json),
    Remove,
    Replace(&'p Json),
    Move(&'p str),
    Copy(&'p str),
    Test(&'p Json),
}

const WORDS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// Applies a JSON Patch (RFC 6902) to a value: all its operations in their order, or none. Numbers are equal for `test`
/// when their values are.
///
/// ```
/// use kindstore::Json;
/// use kindstore::patch::json_patch;
/// let mut target = Json::from(serde_json::json!({"list": [1, 3]}));
/// let patch = serde_json::json!([{"op": "test", "path": "/list/0", "value": 1}, {"op": "add", "path": "/list/1", "value": 2}]);
/// json_patch(&mut target, &patch.into()).expect("it can be applied");
/// assert_eq!(target.to_text(), r#"{"list":[1,2,3]}"#);
/// ```
///
/// # Errors
/// Every problem of the patch itself, or the first operation that cannot be applied; the pointers are those of the patch.
/// Patches with more than 1,000 operations, copies of more than 50,000 values or 4 MiB, and results of more than 128 levels
/// are refused.
pub fn json_patch(target: &mut Json, patch: &Json) -> Result<(), Vec<Diagnostic>> {
    let operations = read(patch)?;
    // RFC 6902, section 5: after an error the target must be unchanged, whichever operation fails.
    let mut patched = target.clone();
    apply(&operations, &mut patched)?;
    *target = patched;
    Ok(())
}

/// The operations of a patch, or every problem of it.
pub(crate) fn read(patch: &Json) -> Result<Vec<Operation<'_>>, Vec<Diagnostic>> {
    let Json::Array(items) = patch else {
        let message = format!("must be an array of operations, not {}", patch.type_name());
        return Err(vec![Diagnostic::error("", Code::HasWrongType, message)]);
    };
    if items.len() > MAX_OPERATIONS {
        let message = format!("must have at most {MAX_OPERATIONS} operations, has {}", items.len());
        return Err(vec![Diagnostic::error("", Code::IsTooLong, message)]);
    }
    let mut problems = Vec::new();
    let read = |(index, item)| Reader { place: format!("/{index}"), item, problems: &mut problems }.read(index);
    let operations = items.iter().enumerate().filter_map(read).collect();
    if problems.is_empty() { Ok(operations) } else { Err(problems) }
}

/// Reads one operation. Members that it does not need are ignored, as the RFC asks.
struct Reader<'p, 'd> {
    place: String,
    item: &'p Json,
    problems: &'d mut Vec<Diagnostic>,
}

impl<'p> Reader<'p, '_> {
    fn read(mut self, index: usize) -> Option<Operation<'p>> {
        if self.item.as_object().is_none() {
            let message = format!("must be an operation, which is an object, not {}", self.item.type_name());
            self.problems.push(Diagnostic::error(self.place, Code::HasWrongType, message));
            return None;
        }
        let (word, path) = (self.text("op"), self.pointer("path"));
        let action = match word? {
            "add" => self.value().map(Action::Add),
            "remove" => Some(Action::Remove),
            "replace" => self.value().map(Action::Replace),
            "move" => self.pointer("from").map(Action::Move),
            "copy" => self.pointer("from").map(Action::Copy),
            "test" => self.value().map(Action::Test),
            other => return self.unknown(other),
        };
        let (action, path) = (action?, path?);
        if let Action::Move(from) = action
            // RFC 6902, section 4.4: a value cannot be moved into one of its children.
            && path.strip_prefix(from).is_some_and(|rest| rest.starts_with('/'))
        {
            return self.refuse("path", Code::IsInvalid, "lies within the moved value, which cannot be its own child");
        }
        Some(Operation { index, path, action })
    }

    fn unknown(&mut self, word: &str) -> Option<Operation<'p>> {
        let message = format!("is {:?}, which is none of {}", shown(word), WORDS.join(", "));
        let problem = Diagnostic::error(join(&self.place, "op"), Code::IsNotAllowed, message);
        self.problems.push(problem.with_suggestion(suggestion(word, WORDS.into_iter())));
        None
    }

    fn refuse<T>(&mut self, member: &str, code: Code, message: impl Into<String>) -> Option<T> {
        self.problems.push(Diagnostic::error(join(&self.place, member), code, message));
        None
    }

    fn value(&mut self) -> Option<&'p Json> {
        let value = self.item.get("value");
        value.or_else(|| self.refuse("value", Code::IsMissing, "is required by this operation"))
    }

    fn text(&mut self, member: &str) -> Option<&'p str> {
        match self.item.get(member) {
            None => self.refuse(member, Code::IsMissing, "is required by this operation"),
            Some(Json::String(text)) => Some(text),
            Some(other) => {
                let message = format!("must be a string, not {}", other.type_name());
                self.refuse(member, Code::HasWrongType, message)
            }
        }
    }

    fn pointer(&mut self, member: &str) -> Option<&'p str> {
        let text = self.text(member)?;
        match place::fault(text) {
            Some(why) => self.refuse(member, Code::HasWrongFormat, format!("is {:?}: {why}", shown(text))),
            None => Some(text),
        }
    }
}
