//! The examples of the RFC's appendix, and odd cases.

use serde_json::{Value, json};

use super::*;

/// A document, a patch and what comes out.
fn check(about: &str, target: &Value, patch: &Value, expected: &Value) {
    let mut value = Json::from(target.clone());
    let outcome = json_patch(&mut value, &Json::from(patch.clone()));
    assert!(outcome.is_ok(), "{about}: {outcome:?}");
    assert_eq!(value.to_text(), Json::from(expected.clone()).to_text(), "{about}");
}

/// A document, a patch that is refused, and the places and codes of its problems.
fn check_refused(about: &str, target: &Value, patch: &Value, expected: &[(&str, &str)]) {
    let before = Json::from(target.clone());
    let mut value = before.clone();
    let problems = json_patch(&mut value, &Json::from(patch.clone())).expect_err(about);
    let found: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.code.as_str())).collect();
    assert_eq!(found, expected, "{about}: {problems:?}");
    assert_eq!(value.to_text(), before.to_text(), "{about}: nothing changes");
}

fn examples() -> Vec<(&'static str, Value, Value, Value)> {
    vec![
        (
            "A.1",
            json!({"foo": "bar"}),
            json!([{"op": "add", "path": "/baz", "value": "qux"}]),
            json!({"baz": "qux", "foo": "bar"}),
        ),
        (
            "A.2",
            json!({"foo": ["bar", "baz"]}),
            json!([{"op": "add", "path": "/foo/1", "value": "qux"}]),
            json!({"foo": ["bar", "qux", "baz"]}),
        ),
        ("A.3", json!({"baz": "qux", "foo": "bar"}), json!([{"op": "remove", "path": "/baz"}]), json!({"foo": "bar"})),
        (
            "A.4",
            json!({"foo": ["bar", "qux", "baz"]}),
            json!([{"op": "remove", "path": "/foo/1"}]),
            json!({"foo": ["bar", "baz"]}),
        ),
        (
            "A.5",
            json!({"baz": "qux", "foo": "bar"}),
            json!([{"op": "replace", "path": "/baz", "value": "boo"}]),
            json!({"baz": "boo", "foo": "bar"}),
        ),
        (
            "A.6",
            json!({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}),
            json!([{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}]),
            json!({"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
        ),
        (
            "A.7",
            json!({"foo": ["all", "grass", "cows", "eat"]}),
            json!([{"op": "move", "from": "/foo/1", "path": "/foo/3"}]),
            json!({"foo": ["all", "cows", "eat", "grass"]}),
        ),
        (
            "A.8",
            json!({"baz": "qux", "foo": ["a", 2, "c"]}),
            json!([{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}]),
            json!({"baz": "qux", "foo": ["a", 2, "c"]}),
        ),
        (
            "A.10",
            json!({"foo": "bar"}),
            json!([{"op": "add", "path": "/child", "value": {"grandchild": {}}}]),
            json!({"foo": "bar", "child": {"grandchild": {}}}),
        ),
        (
            "A.11",
            json!({"foo": "bar"}),
            json!([{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}]),
            json!({"foo": "bar", "baz": "qux"}),
        ),
        (
            "A.14",
            json!({"/": 9, "~1": 10}),
            json!([{"op": "test", "path": "/~01", "value": 10}]),
            json!({"/": 9, "~1": 10}),
        ),
        (
            "A.16",
            json!({"foo": ["bar"]}),
            json!([{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]),
            json!({"foo": ["bar", ["abc", "def"]]}),
        ),
    ]
}

#[test]
fn every_example_of_the_appendix_holds() {
    for (about, target, patch, expected) in examples() {
        check(about, &target, &patch, &expected);
    }
    let baz = json!({"baz": "qux"});
    let test = json!([{"op": "test", "path": "/baz", "value": "bar"}]);
    check_refused("A.9", &baz, &test, &[("/0/path", "failsTest")]);
    let deep = json!([{"op": "add", "path": "/baz/bat", "value": "qux"}]);
    check_refused("A.12", &json!({"foo": "bar"}), &deep, &[("/0/path", "refersToNothing")]);
    let number = json!([{"op": "test", "path": "/~01", "value": "10"}]);
    check_refused("A.15", &json!({"/": 9, "~1": 10}), &number, &[("/0/path", "failsTest")]);
    // A.13 has a member twice, which no reader of documents lets through.
    let text = br#"[{"op": "add", "path": "/baz", "value": "qux", "op": "remove"}]"#;
    assert!(crate::manifest::read(text, crate::manifest::Format::Json, &Default::default()).is_err());
}

#[test]
fn odd_patches_do_what_the_rfc_says() {
    for (about, target, patch, expected) in [
        ("no operation", json!({"a": 1}), json!([]), json!({"a": 1})),
        ("the whole", json!({"a": 1}), json!([{"op": "replace", "path": "", "value": [1]}]), json!([1])),
        ("the whole added", json!({"a": 1}), json!([{"op": "add", "path": "", "value": 1}]), json!(1)),
        ("the whole gone", json!({"a": 1}), json!([{"op": "remove", "path": ""}]), json!(null)),
        ("up to the whole", json!({"a": {"b": 1}}), json!([{"op": "move", "from": "/a", "path": ""}]), json!({"b": 1})),
        ("an empty name", json!({"": 1}), json!([{"op": "replace", "path": "/", "value": 2}]), json!({"": 2})),
        ("add replaces", json!({"a": 1}), json!([{"op": "add", "path": "/a", "value": null}]), json!({"a": null})),
        (
            "null is a value",
            json!({"a": null}),
            json!([{"op": "test", "path": "/a", "value": null}]),
            json!({"a": null}),
        ),
        ("behind the last", json!([1]), json!([{"op": "add", "path": "/1", "value": 2}]), json!([1, 2])),
        ("digits are names", json!({"01": 1}), json!([{"op": "remove", "path": "/01"}]), json!({})),
        ("a dash is a name", json!({}), json!([{"op": "add", "path": "/-", "value": 2}]), json!({"-": 2})),
        ("to itself", json!([1, 2]), json!([{"op": "move", "from": "/0", "path": "/0"}]), json!([1, 2])),
        ("to the end", json!([1, 2]), json!([{"op": "move", "from": "/0", "path": "/-"}]), json!([2, 1])),
        ("a like name", json!({"a": 1}), json!([{"op": "move", "from": "/a", "path": "/ab"}]), json!({"ab": 1})),
        (
            "into itself",
            json!({"a": 1}),
            json!([{"op": "copy", "from": "", "path": "/b"}]),
            json!({"a": 1, "b": {"a": 1}}),
        ),
        ("by value", json!([1, 1.5]), json!([{"op": "test", "path": "", "value": [1.0, 15e-1]}]), json!([1, 1.5])),
        (
            "without order",
            json!({"a": {"x": 1, "y": [2]}}),
            json!([{"op": "test", "path": "/a", "value": {"y": [2.0], "x": 1}}]),
            json!({"a": {"x": 1, "y": [2]}}),
        ),
        (
            "in order",
            json!({"a": 1}),
            json!([{"op": "move", "from": "/a", "path": "/b"}, {"op": "copy", "from": "/b", "path": "/a"}, {"op": "remove", "path": "/b"}]),
            json!({"a": 1}),
        ),
    ] {
        check(about, &target, &patch, &expected);
    }
}

#[test]
fn what_cannot_be_applied_says_which_operation_and_changes_nothing() {
    let target = json!({"a": {"b": [1, 2]}, "big": 9_007_199_254_740_993_u64});
    let first = json!({"op": "add", "path": "/new", "value": 1});
    for (about, operation, member, code) in [
        ("beyond the end", json!({"op": "add", "path": "/a/b/3", "value": 1}), "path", "refersToNothing"),
        ("a leading zero", json!({"op": "add", "path": "/a/b/01", "value": 1}), "path", "refersToNothing"),
        ("a sign", json!({"op": "replace", "path": "/a/b/+1", "value": 1}), "path", "refersToNothing"),
        ("a name of an item", json!({"op": "add", "path": "/a/b/x", "value": 1}), "path", "refersToNothing"),
        ("an index too large", json!({"op": "remove", "path": "/a/b/99999999999999999999"}), "path", "refersToNothing"),
        ("nothing is at the dash", json!({"op": "remove", "path": "/a/b/-"}), "path", "refersToNothing"),
        ("nor can it be tested", json!({"op": "test", "path": "/a/b/-", "value": 1}), "path", "refersToNothing"),
        ("nothing to replace", json!({"op": "replace", "path": "/c", "value": 1}), "path", "refersToNothing"),
        ("nothing to remove", json!({"op": "remove", "path": "/a/c"}), "path", "refersToNothing"),
        ("nothing to move", json!({"op": "move", "from": "/c", "path": "/c"}), "from", "refersToNothing"),
        ("nothing to copy", json!({"op": "copy", "from": "/a/b/2", "path": "/c"}), "from", "refersToNothing"),
        ("into a number", json!({"op": "add", "path": "/big/c", "value": 1}), "path", "refersToNothing"),
        ("absent is not null", json!({"op": "test", "path": "/c", "value": null}), "path", "refersToNothing"),
        ("no rounding", json!({"op": "test", "path": "/big", "value": 9_007_199_254_740_992.0}), "path", "failsTest"),
        ("another length", json!({"op": "test", "path": "/a/b", "value": [1]}), "path", "failsTest"),
        ("another name", json!({"op": "test", "path": "/a", "value": {"c": [1, 2]}}), "path", "failsTest"),
    ] {
        let place = format!("/1/{member}");
        check_refused(about, &target, &json!([first, operation]), &[(&place, code)]);
    }
}

#[test]
fn every_problem_of_a_patch_is_told_at_once() {
    let patch = json!([
        {"op": "add", "path": "/a"},
        {"op": "delet", "path": "a"},
        {"path": "/a"},
        {"op": "move", "path": "/a/b", "from": "/a"},
        {"op": "copy", "path": "/~2"},
        {"op": 1, "path": null},
        [],
        {"op": "test", "path": "/~", "value": 1},
        {"op": "move", "path": "/a", "from": ""},
        {"op": "Add", "path": "", "value": 1},
    ]);
    let expected = [
        ("/0/value", "isMissing"),
        ("/1/path", "hasWrongFormat"),
        ("/1/op", "isNotAllowed"),
        ("/2/op", "isMissing"),
        ("/3/path", "isInvalid"),
        ("/4/path", "hasWrongFormat"),
        ("/4/from", "isMissing"),
        ("/5/op", "hasWrongType"),
        ("/5/path", "hasWrongType"),
        ("/6", "hasWrongType"),
        ("/7/path", "hasWrongFormat"),
        ("/8/path", "isInvalid"),
        ("/9/op", "isNotAllowed"),
    ];
    check_refused("many", &json!({"a": 1}), &patch, &expected);
    check_refused("no array", &json!({}), &json!({"a": 1}), &[("", "hasWrongType")]);
    let many: Vec<_> = (0..1001).map(|_| json!({"op": "remove", "path": "/a"})).collect();
    check_refused("too many", &json!({}), &many.into(), &[("", "isTooLong")]);
}

#[test]
fn what_a_patch_makes_is_bounded() {
    let copies = |from: &str, path: &str| -> Value {
        (0..1000).map(|_| json!({"op": "copy", "from": from, "path": path})).collect()
    };
    let problem = |target: Value, patch: Value| {
        let mut target = Json::from(target);
        let problems = json_patch(&mut target, &patch.into()).expect_err("it is refused");
        (problems[0].pointer.clone(), problems[0].message.clone())
    };
    // Each copy doubles: 2, 4, 8 and so on.
    let (place, message) = problem(json!({"list": []}), copies("", "/list/-"));
    assert!(message.starts_with("copies too much"), "{message}");
    assert_eq!(place, "/14/from");
    let (place, message) = problem(json!({"list": ["x".repeat(1 << 20)]}), copies("/list/0", "/list/-"));
    assert!(message.starts_with("copies too much"), "{message}");
    assert_eq!(place, "/4/from");
    // A level more with each.
    let (place, message) = problem(json!({"a": {}}), copies("", "/a"));
    assert!(message.contains("deeper than 128 levels"), "{message}");
    assert_eq!(place, "/126/path");
    let nest = |_| {
        [
            json!({"op": "add", "path": "/b", "value": {}}),
            json!({"op": "move", "from": "/a", "path": "/b/a"}),
            json!({"op": "move", "from": "/b", "path": "/a"}),
        ]
    };
    let (place, message) = problem(json!({"a": {}}), (0..200).flat_map(nest).collect());
    assert!(message.contains("deeper than 128 levels"), "{message}");
    assert_eq!(place, "/379/path");
}

#[test]
fn the_trail_leads_from_the_result_to_the_patch() {
    let patch = Json::from(json!([
        {"op": "add", "path": "/list/0", "value": "x"},
        {"op": "add", "path": "/list/-", "value": {"y": 1}},
        {"op": "remove", "path": "/list/1"},
        {"op": "move", "from": "/list/1", "path": "/moved"},
        {"op": "remove", "path": "/gone"},
        {"op": "copy", "from": "/moved", "path": "/copied"},
    ]));
    let mut target = Json::from(json!({"list": ["old"], "gone": 1}));
    let trail = apply(&read(&patch).expect("a patch"), &mut target).expect("it can be applied");
    assert_eq!(target.to_text(), r#"{"copied":{"y":1},"list":["x"],"moved":{"y":1}}"#);
    let origins: Vec<_> = trail.origins.iter().map(|(at, origin)| (at.as_str(), origin.as_str())).collect();
    let expected = [
        ("/list/0", "/0/value"),
        ("/moved", "/3/path"),
        ("/moved", "/1/value"),
        ("/gone", "/4/path"),
        ("/copied", "/5/path"),
    ];
    assert_eq!(origins, expected);
}
