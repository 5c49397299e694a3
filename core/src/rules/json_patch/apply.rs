//! Applies the operations of a patch that was read, within bounds.

use super::mismatch::mismatch;
use super::place::{self, find, find_mut, index, split};
use super::trail::Trail;
use super::{Action, Operation};
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::json::{Json, join};

/// How many collections may be open inside each other, as in a document that comes in.
const MAX_DEPTH: usize = 128;

/// The most values that copies and moves further down may be made of together.
const MAX_COPIED: usize = 50_000;

/// The most bytes of strings and names that these may have.
const MAX_COPIED_BYTES: usize = 4 << 20;

/// Why an operation cannot be applied: the member at fault, and the message.
struct Refusal {
    member: &'static str,
    code: Code,
    message: String,
    hint: Option<String>,
}

type Outcome<T> = Result<T, Refusal>;

fn refuse<T>(member: &'static str, code: Code, message: impl Into<String>) -> Outcome<T> {
    Err(Refusal { member, code, message: message.into(), hint: None })
}

/// Applies the operations in their order. After an error the target is worth nothing.
///
/// # Errors
/// The one problem of the first operation that cannot be applied, with its pointer into the patch.
pub(crate) fn apply(operations: &[Operation<'_>], target: &mut Json) -> Result<Trail, Vec<Diagnostic>> {
    let mut patcher = Patcher { target, trail: Trail::default(), values: MAX_COPIED, bytes: MAX_COPIED_BYTES };
    for operation in operations {
        patcher.apply(operation).map_err(|Refusal { member, code, message, hint }| {
            vec![Diagnostic { hint, ..Diagnostic::error(format!("/{}/{member}", operation.index), code, message) }]
        })?;
    }
    Ok(patcher.trail)
}

struct Patcher<'t> {
    target: &'t mut Json,
    trail: Trail,
    /// How many values and bytes may still be copied.
    values: usize,
    bytes: usize,
}

impl Patcher<'_> {
    fn apply(&mut self, operation: &Operation<'_>) -> Outcome<()> {
        let Operation { index, path, action } = operation;
        let origin = |member: &str| format!("/{index}/{member}");
        match action {
            Action::Add(value) => {
                check_depth(path, height(value))?;
                self.insert(path, (*value).clone(), origin("value"))
            }
            Action::Remove => self.remove("path", path, origin("path")).map(drop),
            Action::Replace(value) => {
                check_depth(path, height(value))?;
                let Some(place) = find_mut(self.target, path) else { return nothing("path", self.target, path) };
                *place = (*value).clone();
                self.trail.put(path, origin("value"));
                Ok(())
            }
            Action::Move(from) => self.relocate(from, path, origin("path")),
            Action::Copy(from) => {
                let Some(value) = find(self.target, from) else { return nothing("from", self.target, from) };
                // Copies double: without a budget a patch of 1,000 operations could make any amount of memory of one
                // value.
                let height = measure(value, &mut self.values, &mut self.bytes).map_or_else(too_much, Ok)?;
                check_depth(path, height)?;
                let value = value.clone();
                self.insert(path, value, origin("path"))
            }
            Action::Test(expected) => test(self.target, path, expected),
        }
    }

    fn relocate(&mut self, from: &str, path: &str, origin: String) -> Outcome<()> {
        let Some(value) = find(self.target, from) else { return nothing("from", self.target, from) };
        if from == path {
            return Ok(());
        }
        // Only what goes down can become too deep, and only that is looked at: a large value may go up often.
        if place::depth(path) > place::depth(from) {
            let height = measure(value, &mut self.values, &mut self.bytes).map_or_else(too_much, Ok)?;
            check_depth(path, height)?;
        }
        // The origins within the value move with it; taken before the removal forgets them.
        let below = self.trail.below(from);
        let value = self.remove("from", from, origin.clone())?;
        // Behind the removal: it may have changed the length of the array that `-` refers to.
        let at = self.place(path)?;
        self.insert(path, value, origin)?;
        self.trail.regain(&at, below);
        Ok(())
    }

    /// The path with the index that a `-` at its end means.
    fn place(&self, path: &str) -> Outcome<String> {
        match split(path) {
            Some((parent, last)) if last == "-" => match find(self.target, parent) {
                Some(Json::Array(items)) => Ok(join(parent, &items.len().to_string())),
                _ => Ok(path.to_owned()),
            },
            _ => Ok(path.to_owned()),
        }
    }

    fn insert(&mut self, path: &str, value: Json, origin: String) -> Outcome<()> {
        let at = self.place(path)?;
        let Some((parent, last)) = split(&at) else {
            *self.target = value;
            self.trail.put("", origin);
            return Ok(());
        };
        match find_mut(self.target, parent) {
            Some(Json::Object(members)) => {
                members.insert(last, value);
            }
            Some(Json::Array(items)) => {
                let length = items.len();
                let Some(index) = index(&last).filter(|index| *index <= length) else {
                    let message = format!("ends in {:?}, where an index up to {length} or - is expected", shown(&last));
                    return refuse("path", Code::RefersToNothing, message);
                };
                items.insert(index, value);
                self.trail.shift_up(&at);
            }
            Some(other) => {
                let message = format!("goes into {}, which has no members", other.type_name());
                let hint = place::unescaped(self.target, path, parent).map(|meant| slash(&meant));
                return Err(Refusal { member: "path", code: Code::RefersToNothing, message, hint });
            }
            None => return nowhere(self.target, path),
        }
        self.trail.put(&at, origin);
        Ok(())
    }

    fn remove(&mut self, member: &'static str, path: &str, origin: String) -> Outcome<Json> {
        let Some((parent, last)) = split(path) else {
            self.trail.put("", origin);
            return Ok(std::mem::take(self.target));
        };
        let taken = match find_mut(self.target, parent) {
            Some(Json::Object(members)) => members.remove(&last).inspect(|_| self.trail.drop_member(path, origin)),
            Some(Json::Array(items)) => index(&last).filter(|index| *index < items.len()).map(|index| {
                self.trail.drop_item(path);
                items.remove(index)
            }),
            _ => None,
        };
        taken.map_or_else(|| nothing(member, self.target, path), Ok)
    }
}

fn test(target: &Json, path: &str, expected: &Json) -> Outcome<()> {
    let Some(actual) = find(target, path) else { return nothing("path", target, path) };
    match mismatch(actual, expected) {
        None => Ok(()),
        Some(what) => refuse("path", Code::FailsTest, format!("test failed: {what}")),
    }
}

/// The refusal for a pointer without a value: names the part of the pointer that exists.
fn nothing<T>(member: &'static str, target: &Json, pointer: &str) -> Outcome<T> {
    let missing = place::missing(target, pointer);
    let message = format!("does not exist: there is no {:?}", shown(missing));
    let hint = place::unescaped(target, pointer, missing).map(|meant| slash(&meant));
    Err(Refusal { member, code: Code::RefersToNothing, message, hint })
}

/// The same for a pointer to which nothing can be added, since its parent is missing.
fn nowhere<T>(target: &Json, pointer: &str) -> Outcome<T> {
    nothing("path", target, pointer).map_err(|refusal: Refusal| {
        let of_map = || {
            let (map, meant) = place::unescaped_in_missing(target, pointer, place::missing(target, pointer))?;
            Some(format!("add the map {:?} first; {}", shown(map), slash(&meant)))
        };
        Refusal { hint: refusal.hint.or_else(of_map), ..refusal }
    })
}

fn slash(meant: &str) -> String {
    format!("a slash in a name is ~1: {meant:?}")
}

fn check_depth(path: &str, height: usize) -> Outcome<()> {
    if place::depth(path).saturating_add(height) <= MAX_DEPTH {
        return Ok(());
    }
    refuse("path", Code::IsTooLong, format!("would nest deeper than {MAX_DEPTH} levels"))
}

fn too_much<T>() -> Outcome<T> {
    let message = format!("copies too much; a patch may copy at most {MAX_COPIED} values and {MAX_COPIED_BYTES} bytes");
    refuse("from", Code::IsTooLong, message)
}

/// How many collections a value has inside each other.
fn height(value: &Json) -> usize {
    let (mut values, mut bytes) = (usize::MAX, usize::MAX);
    measure(value, &mut values, &mut bytes).unwrap_or(usize::MAX)
}

/// As [`height`], and counts values and bytes down; `None` when the budget is exceeded.
fn measure(value: &Json, values: &mut usize, bytes: &mut usize) -> Option<usize> {
    *values = values.checked_sub(1)?;
    let mut highest = 0;
    match value {
        Json::String(text) => *bytes = bytes.checked_sub(text.len())?,
        Json::Array(items) => {
            for item in items {
                highest = highest.max(1 + measure(item, values, bytes)?);
            }
            highest = highest.max(1);
        }
        Json::Object(members) => {
            for (name, value) in members {
                *bytes = bytes.checked_sub(name.len())?;
                highest = highest.max(1 + measure(value, values, bytes)?);
            }
            highest = highest.max(1);
        }
        _ => {}
    }
    Some(highest)
}
