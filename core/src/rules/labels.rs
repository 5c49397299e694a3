//! The bounds of labels: the index keeps an entry in memory for each.

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Json, Members, join};

/// The most labels of a resource.
const MAX_LABELS: usize = 256;

/// The longest key in bytes: as in Kubernetes a prefix of 253 bytes, a slash and 63 bytes.
const MAX_KEY: usize = 253 + 1 + 63;

/// The longest value in bytes.
const MAX_VALUE: usize = 256;

/// Where they are.
pub(crate) const LABELS: &str = "/metadata/labels";

/// Returns a problem for each label that is too long, and one for too many. Only changes are judged: a resource that was
/// stored with more keeps its labels, and loses some where a change takes them.
pub(crate) fn check(document: &Json, old: Option<&Json>) -> Vec<Diagnostic> {
    let Some(new) = labels(document) else { return Vec::new() };
    let old = old.and_then(labels);
    let mut problems = Vec::new();
    if new.len() > MAX_LABELS && new.len() > old.map_or(0, Members::len) {
        let message = format!("must have at most {MAX_LABELS} labels, has {}", new.len());
        problems.push(Diagnostic::error(LABELS, Code::IsTooLong, message));
    }
    for (key, value) in new {
        let before = old.and_then(|old| old.get(key));
        let value_bytes = value.as_str().map_or(0, str::len);
        if key.len() > MAX_KEY && before.is_none() {
            let message = format!("must have a key of at most {MAX_KEY} bytes, has {}", key.len());
            problems.push(Diagnostic::error(join(LABELS, key), Code::IsTooLong, message));
        } else if value_bytes > MAX_VALUE && before != Some(value) {
            let message = format!("must have at most {MAX_VALUE} bytes, has {value_bytes}");
            let problem = Diagnostic::error(join(LABELS, key), Code::IsTooLong, message);
            problems.push(problem.with_hint("an annotation takes longer texts"));
        }
    }
    problems
}

fn labels(document: &Json) -> Option<&Members> {
    document.get("metadata")?.get("labels")?.as_object()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labelled(labels: impl IntoIterator<Item = (String, String)>) -> Json {
        let labels: serde_json::Map<_, _> = labels.into_iter().map(|(key, value)| (key, json!(value))).collect();
        Json::from(json!({"metadata": {"labels": labels}}))
    }

    fn many(count: usize) -> Json {
        labelled((0..count).map(|number| (format!("l{number:03}"), "x".to_owned())))
    }

    fn found(document: &Json, old: Option<&Json>) -> Vec<(String, String)> {
        check(document, old).into_iter().map(|problem| (problem.pointer, problem.message)).collect()
    }

    #[test]
    fn each_bound_is_one_problem_at_its_place() {
        assert_eq!(found(&many(256), None), []);
        let all = "must have at most 256 labels, has 300".to_owned();
        assert_eq!(found(&many(300), None), [(LABELS.to_owned(), all)]);
        let one = |key: &str, value: &str| found(&labelled([(key.to_owned(), value.to_owned())]), None);
        assert_eq!(one(&"k".repeat(317), &"v".repeat(256)), []);
        let long = "k/".repeat(159);
        let expected = ["/metadata/labels/", &"k~1".repeat(159)].concat();
        assert_eq!(one(&long, ""), [(expected, "must have a key of at most 317 bytes, has 318".to_owned())]);
        // Bytes count, since they are what is kept.
        let message = "must have at most 256 bytes, has 258".to_owned();
        assert_eq!(one("team", &"ä".repeat(129)), [("/metadata/labels/team".to_owned(), message)]);
        assert_eq!(found(&Json::from(json!({"metadata": {}})), None), []);
    }

    #[test]
    fn labels_that_were_stored_before_are_no_problem_of_another_change() {
        let old = many(300);
        for count in [300, 299, 257, 256, 1] {
            assert_eq!(found(&many(count), Some(&old)), [], "{count}");
        }
        assert_eq!(found(&many(301), Some(&old)).len(), 1);
        let long = |value: &str| labelled([("k".repeat(400), value.to_owned()), ("team".to_owned(), "v".repeat(300))]);
        assert_eq!(found(&long("a"), Some(&long("a"))), []);
        assert_eq!(found(&long("b"), Some(&long("a"))), [], "the key is not new");
        let changed = labelled([("team".to_owned(), "w".repeat(300))]);
        assert_eq!(found(&changed, Some(&long("a"))).len(), 1);
    }
}
