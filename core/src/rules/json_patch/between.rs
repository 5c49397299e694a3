//! The JSON Patch that makes one value of another.

use super::MAX_OPERATIONS;
use super::sequence::{Step, steps};
use crate::json::{Json, Members, join};

/// The deepest level at which values are compared; values below it are replaced whole.
const MAX_DEPTH: usize = 128;

/// Returns a JSON Patch (RFC 6902) from `old` to `new` with `add`, `remove` and `replace`: always the same for the same
/// values, and empty for equal ones. Objects are compared member by member. Equal items of arrays stay; objects with the same
/// `id` or `name` are changed in place, and so are stretches of items that keep their length. Numbers are
/// equal when their values are, however they are spelled.
///
/// It has at most as many operations as [`json_patch`](crate::patch::json_patch) takes: where there would be more, larger
/// parts are replaced whole. Values that are nested deeper than 128 levels cannot be made by a JSON Patch.
///
/// ```
/// use kindstore::Json;
/// use kindstore::patch::json_patch_between;
/// use serde_json::json;
/// let (old, new) = (Json::from(json!({"a": [1, 2, 3]})), Json::from(json!({"a": [1, 3], "b": {}})));
/// let expected = json!([{"op": "remove", "path": "/a/1"}, {"op": "add", "path": "/b", "value": {}}]);
/// assert_eq!(json_patch_between(&old, &new), Json::from(expected));
/// ```
pub fn json_patch_between(old: &Json, new: &Json) -> Json {
    Json::Array(between("", old, new, 0))
}

/// The operations for a part of the values, each at the place where it is when it is applied.
struct Part<'v> {
    pointer: String,
    new: &'v Json,
    operations: Vec<Json>,
}

fn between(pointer: &str, old: &Json, new: &Json, depth: usize) -> Vec<Json> {
    let parts = match (old, new) {
        (old, new) if old == new => return Vec::new(),
        (Json::Object(old), Json::Object(new)) if depth < MAX_DEPTH => members(pointer, old, new, depth),
        (Json::Array(old), Json::Array(new)) if depth < MAX_DEPTH => items(pointer, old, new, depth),
        _ => return vec![operation("replace", pointer, Some(new))],
    };
    within_bounds(parts).unwrap_or_else(|| vec![operation("replace", pointer, Some(new))])
}

fn members<'v>(pointer: &str, old: &Members, new: &'v Members, depth: usize) -> Vec<Part<'v>> {
    let gone = old.keys().filter(|name| !new.contains_key(name));
    let mut parts: Vec<Part<'_>> = gone.map(|name| removal(join(pointer, name))).collect();
    // Removals come first. They are independent of the other members, and keep the patch readable.
    parts.extend(new.iter().map(|(name, new)| {
        let pointer = join(pointer, name);
        let operations = match old.get(name) {
            Some(old) => between(&pointer, old, new, depth + 1),
            None => vec![operation("add", &pointer, Some(new))],
        };
        Part { pointer, new, operations }
    }));
    parts
}

fn items<'v>(pointer: &str, old: &[Json], new: &'v [Json], depth: usize) -> Vec<Part<'v>> {
    let (mut olds, mut news) = (old.iter(), new.iter());
    let (mut parts, mut at) = (Vec::new(), 0);
    for step in steps(old, new) {
        let place = join(pointer, &at.to_string());
        match step {
            Step::Remove => {
                olds.next();
                parts.push(removal(place));
                continue;
            }
            Step::Keep => drop((olds.next(), news.next())),
            Step::Add => parts.extend(news.next().map(|new| {
                let operations = vec![operation("add", &place, Some(new))];
                Part { pointer: place, new, operations }
            })),
            Step::Change { is_known } => parts.extend(olds.next().zip(news.next()).map(|(old, new)| {
                let operations = changed(&place, old, new, is_known, depth + 1);
                Part { pointer: place, new, operations }
            })),
        }
        at += 1;
    }
    parts
}

/// The operations from one item to another. Items that only share a place may have little in common, so the shorter way wins.
fn changed(pointer: &str, old: &Json, new: &Json, is_known: bool, depth: usize) -> Vec<Json> {
    let inside = between(pointer, old, new, depth);
    if is_known || inside.len() < 2 {
        return inside;
    }
    let whole = operation("replace", pointer, Some(new));
    let length = |operations: &[Json]| operations.iter().map(|operation| operation.to_text().len()).sum::<usize>();
    if length(&inside) < whole.to_text().len() { inside } else { vec![whole] }
}

fn removal(pointer: String) -> Part<'static> {
    let operations = vec![operation("remove", &pointer, None)];
    Part { pointer, new: &Json::Null, operations }
}

/// The operations of all parts; those of the parts with the most operations as one, when there are too many. None when there
/// are still too many.
fn within_bounds(mut parts: Vec<Part<'_>>) -> Option<Vec<Json>> {
    let mut count: usize = parts.iter().map(|part| part.operations.len()).sum();
    if count > MAX_OPERATIONS {
        let mut largest: Vec<&mut Part<'_>> = parts.iter_mut().filter(|part| part.operations.len() > 1).collect();
        // The parts with the most operations gain most by being replaced whole.
        largest.sort_by_key(|part| std::cmp::Reverse(part.operations.len()));
        for part in largest {
            if count <= MAX_OPERATIONS {
                break;
            }
            count -= part.operations.len() - 1;
            part.operations = vec![operation("replace", &part.pointer, Some(part.new))];
        }
    }
    (count <= MAX_OPERATIONS).then(|| parts.into_iter().flat_map(|part| part.operations).collect())
}

fn operation(word: &str, path: &str, value: Option<&Json>) -> Json {
    let mut members = Members::from([("op".to_owned(), Json::from(word)), ("path".to_owned(), Json::from(path))]);
    members.extend(value.map(|value| ("value".to_owned(), value.clone())));
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{json_patch, samples};
    use super::*;

    /// The operations as short texts, after a check that they produce the new value.
    fn told(old: serde_json::Value, new: serde_json::Value) -> Vec<String> {
        let (old, new) = (Json::from(old), Json::from(new));
        let patch = json_patch_between(&old, &new);
        let mut made = old.clone();
        json_patch(&mut made, &patch).expect("it can be applied");
        assert_eq!(made.to_text(), new.to_text(), "{}", patch.to_text());
        let text = |operation: &Json| {
            let member = |name| operation.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
            let value = operation.get("value").map(|value| format!(" {}", value.to_text())).unwrap_or_default();
            format!("{} {}{value}", member("op"), member("path"))
        };
        patch.as_array().expect("a patch").iter().map(text).collect()
    }

    #[test]
    fn the_patch_says_what_differs() {
        let none: [&str; 0] = [];
        assert_eq!(told(json!({"a": [1.1]}), json!({"a": [1.1]})), none);
        assert_eq!(told(json!({"a": 1}), json!([])), ["replace  []"]);
        assert_eq!(
            told(json!({"a": 1, "b": {"c": 1, "d": null}}), json!({"b": {"c": null, "d": null}, "e/~": 0})),
            ["remove /a", "replace /b/c null", "add /e~1~0 0"]
        );
        assert_eq!(
            told(json!({"a": [1, 2, 3, 4]}), json!({"a": [0, 1, 3, 5]})),
            ["add /a/0 0", "remove /a/2", "replace /a/3 5"]
        );
        assert_eq!(told(json!([1, 2]), json!([1, 2, 3])), ["add /2 3"]);
        assert_eq!(told(json!([1, 2]), json!([])), ["remove /0", "remove /0"]);
    }

    #[test]
    fn objects_in_lists_are_changed_in_place() {
        let item = |name: &str, port: u32| json!({"name": name, "port": port, "host": "a long name of a host"});
        assert_eq!(
            told(json!([item("a", 1), item("b", 1), item("c", 1)]), json!([item("x", 9), item("b", 2), item("c", 1)])),
            ["replace /0/name \"x\"", "replace /0/port 9", "replace /1/port 2"]
        );
        assert_eq!(
            told(json!([item("a", 1), item("b", 1)]), json!([item("n", 5), item("a", 2), item("b", 1)])),
            [r#"add /0 {"host":"a long name of a host","name":"n","port":5}"#, "replace /1/port 2"]
        );
        assert_eq!(told(json!([{"x": 1, "y": [1]}]), json!([{"x": 1, "y": [1, 2]}])), ["add /0/y/1 2"]);
        assert_eq!(told(json!([{"a": 1, "b": 1}]), json!([{"c": 1, "d": 1}])), [r#"replace /0 {"c":1,"d":1}"#]);
    }

    #[test]
    fn one_new_item_of_a_hundred_is_one_operation() {
        let list = |left_out: usize| (0..101).filter(|at| *at != left_out).map(|at| json!({"n": at})).collect();
        for at in [0, 50, 99] {
            assert_eq!(told(list(at), list(101)), [format!("add /{at} {{\"n\":{at}}}")]);
            assert_eq!(told(list(101), list(at)), [format!("remove /{at}")]);
        }
    }

    #[test]
    fn there_are_no_more_operations_than_can_be_applied() {
        let numbers = |from: usize, count: usize| json!((from..from + count).collect::<Vec<_>>());
        let far = told(
            json!({"a": numbers(0, 1500), "b": numbers(0, 3), "c": 1}),
            json!({"a": numbers(5000, 1500), "b": numbers(0, 2), "c": 2}),
        );
        assert_eq!(far.len(), 3);
        assert_eq!(far[1..], ["remove /b/2", "replace /c 2"]);
        let wide =
            |value: usize| (0..1200).map(|at| (format!("k{at}"), value.into())).collect::<serde_json::Map<_, _>>();
        assert_eq!(told(wide(1).into(), wide(2).into()).len(), 1);
        let within = |value: usize| json!({"deep": wide(value), "other": value});
        assert_eq!(told(within(1), within(2)).len(), 2);
    }

    #[test]
    fn what_is_very_deep_is_replaced_whole() {
        let nested = |inner: &str| (0..127).fold(json!(inner), |inner, _| json!({"a": inner}));
        assert_eq!(told(nested("x"), nested("y")), [format!("replace {} \"y\"", "/a".repeat(127))]);
        let deeper = |inner: &str| Json::from((0..300).fold(json!(inner), |inner, _| json!([inner])));
        assert_eq!(json_patch_between(&deeper("x"), &deeper("y")).as_array().map(<[Json]>::len), Some(1));
    }

    proptest! {
        #[test]
        fn the_patch_makes_the_new_of_the_old((old, new) in samples::pair()) {
            let patch = json_patch_between(&old, &new);
            let mut made = old.clone();
            prop_assert!(json_patch(&mut made, &patch).is_ok(), "{}", patch.to_text());
            prop_assert_eq!(made.to_text(), new.to_text());
            prop_assert_eq!(json_patch_between(&old, &old).to_text(), "[]");
        }
    }
}
