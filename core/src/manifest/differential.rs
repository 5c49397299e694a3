//! What other readers and writers say: serde_json and serde_yaml as oracles for generated values and texts.

use proptest::prelude::*;

use super::*;
use crate::json::{Json, Members, Number};

/// Strings that some reader of YAML takes for something else, or that are hard to write.
const TRICKY: &[&str] = &[
    "",
    " ",
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "N",
    "true",
    "FALSE",
    "null",
    "Null",
    "~",
    "=",
    "<<",
    "12:30:45",
    "1:2",
    "2024-01-01",
    "2024-01-01T10:00:00Z",
    "2001-12-14 21:59:43.10 -5",
    "0x1f",
    "0X1F",
    "0o17",
    "017",
    "08",
    "0b1",
    "1_000",
    "1,000",
    "1e3",
    "1E5",
    "1.5e+3",
    ".5",
    "5.",
    "1.10",
    "-1",
    "+1",
    "-.inf",
    ".Inf",
    ".nan",
    "-",
    "--",
    "---",
    "...",
    "--- a",
    "- a",
    "-a",
    "-1a",
    "?",
    "? a",
    "?a",
    ":",
    ": a",
    ":a",
    "a:",
    "a: b",
    "a:b",
    "a #b",
    "a#b",
    "#a",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "|-",
    "%a",
    "@a",
    "`a",
    "'",
    "\"",
    "'a'",
    "\"a\"",
    "[a]",
    "{a}",
    "a, b",
    "a]",
    ",",
    " a",
    "a ",
    "\ta",
    "a\t",
    "a\tb",
    "a\nb",
    "a\n",
    "a\n\n",
    "\n",
    "\n\n",
    "\na",
    " a\nb",
    "a\n b",
    "a \nb",
    "a\n \nb",
    "a\n\tb",
    "\n a\n",
    "a\r\nb",
    "a\rb",
    "\u{0}",
    "\u{1b}[0m",
    "a\u{85}b",
    "a\u{2028}b",
    "\u{feff}",
    "a\u{feff}b",
    "\u{7f}",
    "\u{80}",
    "\u{a0}",
    "\u{a0}a",
    "é",
    "日本",
    "🦀",
    "a\n🦀\n",
    "\u{fffe}",
    "\u{ffff}",
    "\u{1ffff}",
    "a\\b",
    "a\\nb",
    "\"\\",
    "# a\nb",
    "---\na",
    "a\n---\nb\n",
    "a\n...\n",
    "key: |\n  x\n",
    "- a\n- b\n",
    "1\n",
    "\\",
    "a: \n",
    "%YAML 1.2\n---\n",
    "\u{200b}",
    "1__0",
    "0.",
    "1:",
    "00:00",
    "190:20:30.15",
    "1e",
    "e1",
    "0e0",
    "0_",
    "_0",
    "1-2",
    "1.2.3",
    "10.0.0.1",
    "2024-1",
    "20240101",
    "+",
    ".",
    "..",
    "....",
];

fn string() -> impl Strategy<Value = String> {
    let letters = "[ \\n\\t\\r:#\\-?,\\[\\]{}&*!|>'\"%@`~=<.0-9a-zA-F_é\u{85}\u{2028}\u{feff}🦀\u{0}\u{7f}\\\\/+]{0,8}";
    prop_oneof![2 => proptest::sample::select(TRICKY).prop_map(str::to_owned), 3 => letters, 1 => ".{0,6}", 1 => "[a-z]{1,5}"]
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(|integer| serde_json::Number::from(integer).into()),
        any::<u64>().prop_map(|integer| serde_json::Number::from(integer).into()),
        (-99i64..99).prop_map(|integer| serde_json::Number::from(integer).into()),
        any::<f64>().prop_filter_map("finite", |double| serde_json::Number::from_f64(double).map(Number::from)),
    ]
}

pub(super) fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        1 => Just(Json::Null),
        1 => any::<bool>().prop_map(Json::from),
        2 => number().prop_map(Json::Number),
        5 => string().prop_map(Json::String),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            prop::collection::btree_map(string(), inner, 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn read_json(text: &str) -> Result<Document, ReadError> {
    read(text.as_bytes(), Format::Json, &Limits::default())
}

fn read_yaml(text: &str) -> Result<Document, ReadError> {
    read(text.as_bytes(), Format::Yaml, &Limits::default())
}

/// Every value has a place within the text.
fn every_value_has_a_place(document: &Document, value: &Json, pointer: &str) {
    let place =
        document.position(pointer).unwrap_or_else(|| panic!("no place for {pointer:?} in {:?}", document.text()));
    assert!(document.text().get(place.value).is_some(), "{pointer:?} is outside of {:?}", document.text());
    match value {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                every_value_has_a_place(document, item, &format!("{pointer}/{index}"));
            }
        }
        Json::Object(members) => {
            for (name, member) in members {
                every_value_has_a_place(document, member, &crate::json::join(pointer, name));
            }
        }
        _ => {}
    }
}

fn round_trips(value: &Json) {
    let text = to_yaml(value);
    assert!(text.ends_with('\n') && !text.starts_with("---"), "{text:?}");
    let document = read_yaml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(&document.value, value, "\n{text}");
    assert!(document.problems.is_empty());
}

/// serde_yaml reads what we write as the same value.
fn serde_yaml_agrees(value: &Json) {
    let text = to_yaml(value);
    let theirs: serde_yaml::Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let theirs = serde_json::to_value(theirs).expect("keys are strings");
    assert_eq!(&Json::from(theirs), value, "\n{text}");
}

#[test]
fn tricky_strings_come_back_from_yaml() {
    for text in TRICKY {
        let text = Json::from(*text);
        let object = |key: &Json, value: &Json| {
            Json::Object(Members::from([(key.as_str().unwrap_or_default().to_owned(), value.clone())]))
        };
        let list =
            Json::Array(vec![text.clone(), Json::Array(vec![text.clone(), Json::from("x")]), object(&text, &text)]);
        for value in
            [text.clone(), object(&text, &text), list.clone(), object(&Json::from("k"), &list), object(&text, &list)]
        {
            round_trips(&value);
            serde_yaml_agrees(&value);
        }
    }
}

#[test]
fn yaml_is_written_for_people() {
    let value = read_yaml(
        "{z: {}, a: [], b: [[1, [2]], {k: v, l: [x]}], s: \"l1\\n  l2\\n\", t: \"  x\\n\", u: \"x\\n\\n\", f: 1e300, n: }",
    );
    let text = to_yaml(&value.expect("readable").value);
    let expected = "a: []\nb:\n  - - 1\n    - - 2\n  - k: v\n    l:\n      - x\nf: 1.0e+300\n\"n\": null\ns: |\n  l1\n    l2\n\
                    t: |2\n    x\nu: |+\n  x\n\nz: {}\n";
    assert_eq!(text, expected);
    let one = Json::from(serde_json::json!({"b": 1, "a": "two\nlines"}));
    let tree = Tree::Members(vec![
        ("kind", Tree::Text("K")),
        ("spec", Tree::Value(&one)),
        ("items", Tree::Items(vec![Tree::Value(&one)])),
    ]);
    let expected =
        "kind: K\nspec:\n  a: |-\n    two\n    lines\n  b: 1\nitems:\n  - a: |-\n      two\n      lines\n    b: 1\n";
    assert_eq!(write_yaml(&tree), expected);
    let long = "k".repeat(2000);
    let text = to_yaml(&Json::Object(Members::from([(long.clone(), one.clone())])));
    assert_eq!(text, format!("? {long}\n:\n  a: |-\n    two\n    lines\n  b: 1\n"));
    assert!(read_yaml(&text).is_ok());
}

/// Both take a text for the same or both refuse it, but for duplicates, large numbers, -0 and a byte order mark.
fn serde_json_agrees(text: &str) {
    let ours = read_json(text);
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours.problems.is_empty() => {
            let again: serde_json::Value = serde_json::from_str(&ours.value.to_text()).expect("we write JSON");
            // serde_json takes -0 for a double, we for the integer 0.
            let same = |value: serde_json::Value| value.to_string().replace("-0.0", "0");
            assert_eq!(same(again), same(theirs), "{text:?}");
        }
        (Ok(ours), Ok(_)) => assert!(!ours.problems.is_empty()),
        (Ok(ours), Err(error)) => {
            let is_large = ours.problems.iter().any(|problem| problem.message.contains("too large for a double"));
            assert!(is_large || text.starts_with('\u{feff}'), "only we take {text:?}: {error}");
        }
        (Err(error), Ok(_)) => {
            assert!(error.message.contains("is there twice"), "only serde_json takes {text:?}: {error}")
        }
        (Err(_), Err(_)) => {}
    }
}

/// A text with a few bytes removed, doubled or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0..3, "[\\[\\]{}\",:0-9eE.+\\-\\\\u\\n tfnd#/']"), 0..4);
    (value(), edits, any::<bool>()).prop_map(|(value, edits, is_pretty)| {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let mut letters: Vec<char> = text.expect("JSON").chars().collect();
        for (index, edit, letter) in edits {
            if letters.is_empty() {
                break;
            }
            let at = index.index(letters.len());
            match edit {
                0 => drop(letters.remove(at)),
                1 => letters.insert(at, letter.chars().next().unwrap_or(',')),
                _ => letters[at] = letter.chars().next().unwrap_or(','),
            }
        }
        letters.into_iter().collect()
    })
}

#[test]
fn serde_json_agrees_on_odd_texts() {
    for text in [
        "",
        " ",
        "1",
        "-",
        "-0",
        "-0.0",
        "0e1",
        "1e+",
        "1E400",
        "-1e400",
        "1e-400",
        "01",
        "00",
        "1.0.0",
        "1 ",
        "\"",
        "\"\\\"",
        "nul",
        "null ",
        "nullx",
        "null,",
        "[",
        "]",
        "[]]",
        "{\"a\"}",
        "{\"a\":}",
        "{:1}",
        "[1,,2]",
        "[,]",
        "{,}",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\\ud800\"",
        "\"\\uD83D\\uDE00\"",
        "\"\u{7f}\"",
        "\"\u{1f}\"",
        "\"\\u0000\"",
        "\u{c}1",
        "\u{a0}1",
        "/**/1",
        "1//",
        "'a'",
        "{\"a\":1,\"a\":2}",
        "18446744073709551616",
        "tru",
        "true1",
        "[true1]",
        "1true",
        "[1true]",
        "\"a\"\"b\"",
        "-18446744073709551616",
        "9223372036854775808",
        "-9223372036854775809",
        "0.1e",
        "123456789012345678",
        "1234567890123456789",
    ] {
        serde_json_agrees(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_comes_back_from_yaml(value in value()) {
        round_trips(&value);
        serde_yaml_agrees(&value);
        let document = read_yaml(&to_yaml(&value)).expect("readable");
        every_value_has_a_place(&document, &document.value, "");
    }

    #[test]
    fn any_value_comes_back_from_json(value in value()) {
        let document = read_json(&value.to_text()).expect("readable");
        prop_assert_eq!(&document.value, &value);
        every_value_has_a_place(&document, &document.value, "");
    }

    #[test]
    fn json_is_yaml(value in value()) {
        // JSON may have raw characters in strings that YAML refuses or takes for line breaks.
        let escaped = |letter: char| match letter {
            letter if plain::is_printable(letter) => letter.to_string(),
            letter => format!("\\u{:04x}", letter as u32),
        };
        let text: String = value.to_text().chars().map(escaped).collect();
        prop_assert_eq!(read_yaml(&text).map(|document| document.value), Ok(value));
    }

    #[test]
    fn json_is_taken_and_refused_as_serde_json_does(text in mutated()) {
        serde_json_agrees(&text);
    }

    #[test]
    fn any_yaml_text_is_refused_or_has_places(text in "[ \\n:#\\-?,\\[\\]{}&*!|>'\"ab1~<é.\t]{0,40}") {
        if let Ok(document) = read_yaml(&text) {
            every_value_has_a_place(&document, &document.value, "");
        }
    }

    /// Without tags, anchors, merge keys, question marks, floats as keys and block scalars at the top: there we differ on purpose.
    #[test]
    fn yaml_that_both_take_means_the_same(text in "[ \\n:#\\-,\\[\\]{}'\"ab1~é]{0,40}") {
        let theirs = serde_yaml::from_str::<serde_yaml::Value>(&text).ok().and_then(|theirs| serde_json::to_value(theirs).ok());
        if let (Ok(document), Some(theirs)) = (read_yaml(&text), theirs) {
            prop_assume!(document.problems.is_empty());
            prop_assert_eq!(document.value.to_text(), Json::from(theirs).to_text(), "{:?}", text);
        }
    }
}
