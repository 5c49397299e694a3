//! The differences between two documents, member by member.

use crate::json::{Json, join};

/// The deepest level that is compared member by member; values below it are listed whole.
const MAX_DEPTH: usize = 128;

/// A place at which two documents differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The place, as a JSON pointer (RFC 6901) into both documents.
    pub pointer: String,
    /// The value in the first document; `None` when it has none.
    pub old: Option<Json>,
    /// The value in the second document; `None` when it has none.
    pub new: Option<Json>,
}

/// Returns the differences between two documents, in the order of places. Objects are compared member by member, arrays of
/// the same length item by item, and other values whole.
///
/// ```
/// use kindstore::Json;
/// use kindstore::patch::difference;
/// use serde_json::json;
/// let old = Json::from(json!({"spec": {"state": "RUNNING", "parallelism": 1}}));
/// let new = Json::from(json!({"spec": {"state": "SUSPENDED", "parallelism": 1}}));
/// let found = difference(&old, &new);
/// assert_eq!((found.len(), &*found[0].pointer), (1, "/spec/state"));
/// assert_eq!(found[0].new, Some("SUSPENDED".into()));
/// ```
pub fn difference(old: &Json, new: &Json) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(old), Some(new), 0, &mut found);
    found
}

fn compare(pointer: &str, old: Option<&Json>, new: Option<&Json>, depth: usize, found: &mut Vec<Difference>) {
    match (old, new) {
        (Some(old), Some(new)) if old == new => {}
        (Some(Json::Object(old)), Some(Json::Object(new))) if depth < MAX_DEPTH => {
            for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(name))) {
                compare(&join(pointer, name), old.get(name), new.get(name), depth + 1, found);
            }
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) if old.len() == new.len() && depth < MAX_DEPTH => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&join(pointer, &index.to_string()), Some(old), Some(new), depth + 1, found);
            }
        }
        (old, new) => found.push(Difference { pointer: pointer.to_owned(), old: old.cloned(), new: new.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_and_items_are_told_where_they_differ() {
        let old = Json::from(json!({"a": 1, "b": {"c": [1, 2], "d/e": null}, "f": [1]}));
        let new = Json::from(json!({"a": 1, "b": {"c": [1, 3], "g": {}}, "f": [1, 2]}));
        let found: Vec<_> = difference(&old, &new)
            .into_iter()
            .map(|it| (it.pointer, it.old.map(|old| old.to_text()), it.new.map(|new| new.to_text())))
            .collect();
        let told = |pointer: &str, old: Option<&str>, new: Option<&str>| {
            (pointer.to_owned(), old.map(str::to_owned), new.map(str::to_owned))
        };
        assert_eq!(
            found,
            [
                told("/b/c/1", Some("2"), Some("3")),
                told("/b/d~1e", Some("null"), None),
                told("/b/g", None, Some("{}")),
                told("/f", Some("[1]"), Some("[1,2]")),
            ]
        );
        assert_eq!(difference(&old, &old), []);
        assert_eq!(difference(&Json::from("x"), &old).len(), 1);
    }
}
