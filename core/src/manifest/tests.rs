//! What the reader takes and refuses, in both formats, and where it says that things are.

mod odd;

use super::*;
use crate::error::Error;
use crate::json::Json;

fn yaml(text: &str) -> Result<Document, ReadError> {
    read(text.as_bytes(), Format::Yaml, &Limits::default())
}

fn json(text: &str) -> Result<Document, ReadError> {
    read(text.as_bytes(), Format::Json, &Limits::default())
}

#[track_caller]
fn check(result: Result<Document, ReadError>, expected: &str) {
    let text = result.map(|document| document.value.to_text());
    assert_eq!(text.as_deref(), Ok(expected));
}

/// The error begins with `line:column` and contains the words.
#[track_caller]
fn refused(result: Result<Document, ReadError>, place: &str, words: &str) {
    let error = result.expect_err("must be refused");
    assert_eq!(format!("{}:{}", error.line, error.column), place, "{error}");
    assert!(error.message.contains(words), "{error}");
}

#[test]
fn json_texts_are_read() {
    for (text, expected) in [
        ("null", "null"),
        (" \t\r\n{} \n", "{}"),
        ("[]", "[]"),
        ("[[],{},[{}]]", "[[],{},[{}]]"),
        (r#"{"b":1,"a":[true,false,null,"x",{"c":-0.5}]}"#, r#"{"a":[true,false,null,"x",{"c":-0.5}],"b":1}"#),
        ("\u{feff}{\"a\":1}", r#"{"a":1}"#),
        (r#""\ud83d\ude00\u00e9\n\/\"\\\b""#, r#""😀é\n/\"\\\b""#),
        (r#"{"\u0061":1}"#, r#"{"a":1}"#),
        (
            "[18446744073709551615,-9223372036854775808,1e2,-0,1E-2]",
            "[18446744073709551615,-9223372036854775808,100.0,0,0.01]",
        ),
        (r#"{"<<":{"a":1}}"#, r#"{"<<":{"a":1}}"#),
    ] {
        check(json(text), expected);
    }
}

#[test]
fn json_texts_are_refused_with_the_way_out() {
    for (text, place, words) in [
        ("", "1:1", "empty"),
        (" \n", "2:1", "empty"),
        ("{\"a\":1,}", "1:7", "a comma stands before the closing }"),
        ("[1,\n 2,\n]", "2:3", "a comma stands before the closing ]"),
        ("[1 2]", "1:4", "a comma or ] is expected"),
        ("[1, // x\n2]", "1:5", "no comments"),
        ("{ # x\n}", "1:3", "no comments"),
        ("{\"a\":1} x", "1:9", "remove what follows"),
        ("{}{}", "1:3", "remove what follows"),
        ("{a:1}", "1:2", "in double quotes"),
        ("{'a':1}", "1:2", "in double quotes"),
        ("['a']", "1:2", "single quotes"),
        ("[1", "1:3", "] is missing"),
        ("{\"a\"", "1:5", "colon"),
        ("{\"a\":", "1:6", "incomplete"),
        ("[\"abc", "1:2", "no closing quote"),
        ("[\"a\nb\"]", "1:4", "ends with its line"),
        ("[\"a\tb\"]", "1:4", "control character must be written as \\u0009"),
        ("[\"\\x\"]", "1:3", "escape"),
        ("[\"\\u12\"]", "1:3", "four hexadecimal"),
        ("[\"\\u+123\"]", "1:3", "four hexadecimal"),
        (r#"["é\ud83d"]"#, "1:4", "surrogate"),
        (r#"["\ud83dA"]"#, "1:3", "surrogate"),
        (r#"["\ude00"]"#, "1:3", "surrogate"),
        ("[01]", "1:2", "leading zeros"),
        ("[-]", "1:3", "digit"),
        ("[1.]", "1:4", "decimal point"),
        ("[.5]", "1:2", "begins with a digit"),
        ("[+1]", "1:2", "begins with a digit"),
        ("[1e]", "1:4", "exponent"),
        ("[NaN]", "1:2", "NaN is not a JSON value"),
        ("[nulls]", "1:2", "nulls is not a JSON value"),
        ("[True]", "1:2", "True is not a JSON value"),
        ("[,1]", "1:2", "a value is missing"),
        ("[1}", "1:3", "] is expected"),
        ("{\"a\":1,\"b\":{\"x\":1,\n\"\\u0078\":2}}", "2:1", "\"x\" is there twice, first at line 1, column 13"),
    ] {
        refused(json(text), place, words);
    }
}

#[test]
fn yaml_texts_are_read() {
    for (text, expected) in [
        ("a: 1\nb: [x, 'y', \"z\"]\n", r#"{"a":1,"b":["x","y","z"]}"#),
        ("yes: on\nno: off\n", r#"{"no":"off","yes":"on"}"#),
        ("a:\nb: ~\n", r#"{"a":null,"b":null}"#),
        ("1: a\ntrue: b\n1.50: c\n", r#"{"1":"a","1.50":"c","true":"b"}"#),
        ("a: |\n  x\n   y\nb: >-\n  x\n  y\n", r#"{"a":"x\n y\n","b":"x y"}"#),
        ("\u{feff}a: 1\n", r#"{"a":1}"#),
        ("--- \na: 1\n---\n", r#"{"a":1}"#),
        ("# only\n--- ~\n", "null"),
        ("a: \"\\ud83d\\ude00\"", r#"{"a":"😀"}"#),
        (
            "a: !!str 1\nb: !!int \"2\"\nc: !!float 3\nd: !!bool \"true\"\ne: !!null ''\nf: !!map {}\ng: !!seq []\nh: ! 12\n",
            r#"{"a":"1","b":2,"c":3,"d":true,"e":null,"f":{},"g":[],"h":"12"}"#,
        ),
        ("a: !!str\n", r#"{"a":""}"#),
        ("a: &x [1, 2]\nb: *x\n*x : 1\n", "refused"),
        ("a: &x k\n*x : 1\n", r#"{"a":"k","k":1}"#),
        ("&k a: 1\nb: *k\n", r#"{"a":1,"b":"a"}"#),
        ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n", r#"{"a":{"p":1,"q":2},"b":{"p":1,"q":3}}"#),
        ("b: {q: 3, <<: {q: 4, r: 5}}\n", r#"{"b":{"q":3,"r":5}}"#),
        (
            "a: &x {p: 1}\nc: &y {p: 2, q: 2}\nb: {<<: [*x, *y]}\n",
            r#"{"a":{"p":1},"b":{"p":1,"q":2},"c":{"p":2,"q":2}}"#,
        ),
        ("a: &x {p: 1}\nc: &y {<<: *x, q: 2}\nb: {<<: *y}\n", r#"{"a":{"p":1},"b":{"p":1,"q":2},"c":{"p":1,"q":2}}"#),
        ("'<<': 1\n", r#"{"<<":1}"#),
        ("{\"a\": [1, 2], \"b\": {\"c\": \"d\"}}", r#"{"a":[1,2],"b":{"c":"d"}}"#),
        ("a: 12:30:45\nb: 2024-01-01\nc: 1_000\n", r#"{"a":"12:30:45","b":"2024-01-01","c":"1_000"}"#),
    ] {
        if expected == "refused" {
            assert!(yaml(text).is_err());
        } else {
            check(yaml(text), expected);
        }
    }
}

#[test]
fn yaml_texts_are_refused_with_the_way_out() {
    for (text, place, words) in [
        ("", "1:1", "empty"),
        ("# x\n---\n", "1:1", "empty"),
        ("a: 1\n---\nb: 2\n", "3:1", "second document"),
        ("a: 1\nb: 2\na: 3\n", "3:1", "\"a\" is there twice, first at line 1, column 1"),
        ("x:\n  a: {b: [1, {c: d}]}\n  e: 1\n  \"\\x61\": 3\n", "4:3", "first at line 2, column 3"),
        ("1: a\n'1': b\n", "2:1", "\"1\" is there twice"),
        ("a: !foo 1\n", "1:4", "!foo"),
        ("a: !foo {}\n", "1:4", "!foo"),
        ("a: !!binary aGk=\n", "1:4", "!!binary"),
        ("a: !!int x\n", "1:4", "!!int"),
        ("a: !!map x\n", "1:4", "!!map"),
        ("a: !!str [1]\n", "1:4", "!!str"),
        ("~: 1\n", "1:1", "null"),
        (": 1\n", "1:1", "null"),
        ("[a]: 1\n", "1:1", "not a collection"),
        ("? {a: 1}\n: 1\n", "1:3", "not a collection"),
        ("a: *b\n", "1:4", "anchor"),
        ("a: &b [1, *b]\n", "1:11", "itself"),
        ("a: {<<: 1}\n", "1:9", "merge key"),
        ("a: {<<: [{}, 1]}\n", "1:9", "merge key"),
        ("a: {<<: {}, <<: {}}\n", "1:13", "twice"),
        ("a:\n\tb: 1\n", "2:1", "tab"),
        ("a:\n  \tb: 1\n", "2:3", "tab"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1", "tab"),
        ("-\ta: 1\n", "1:2", "tab"),
        ("a: [1, 2\n", "1:4", "not YAML"),
        ("a: b: c\n", "1:5", "not YAML"),
        ("a: \"\\ud83d\"\n", "1:5", "surrogate"),
        ("a: x\0b: 1\n", "1:5", "U+0000 cannot stand in YAML"),
        ("a: \"x\0\"\n", "1:6", "U+0000 cannot stand in YAML"),
    ] {
        refused(yaml(text), place, words);
    }
}

#[test]
fn bytes_that_are_not_utf_8_and_texts_that_are_too_long_are_refused() {
    for format in [Format::Json, Format::Yaml] {
        let error = read(b"a: \xff", format, &Limits::default()).expect_err("not UTF-8");
        assert_eq!((error.offset, error.line, error.column), (3, 1, 4));
        let limits = Limits { bytes: 4, ..Limits::default() };
        assert!(read(b"1    ", format, &limits).expect_err("too long").message.contains("at most 4"));
        assert!(read(b"1   ", format, &limits).is_ok());
    }
    let error = Error::from(json("[1,]").expect_err("a comma"));
    assert_eq!(error.to_string(), "line 1, column 3: a comma stands before the closing ]; remove it");
    assert_eq!(error.reason(), "BadRequest");
}

#[test]
fn all_documents_of_a_text_are_read() {
    let read = |text: &str| read_all(text.as_bytes(), Format::Yaml, &Limits::default()).expect("YAML");
    assert_eq!(read("").len(), 0);
    assert_eq!(read("---\n# none\n---\n").len(), 0);
    let documents = read("---\na: &x 1\n---\n---\nb: 2\n...\n---\nc: 99999999999999999999\n");
    let texts: Vec<_> = documents.iter().map(|document| document.value.to_text()).collect();
    assert_eq!(texts, [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":"99999999999999999999"}"#]);
    assert_eq!(documents[1].line_and_column("/b"), (5, 1));
    assert_eq!(documents[2].problems[0].pointer, "/c");
    assert!(read_all(b"a: &x 1\n---\nb: *x\n", Format::Yaml, &Limits::default()).is_err());
}

#[test]
fn numbers_that_cannot_be_kept_are_problems_and_stay_as_text() {
    for (document, problems) in [
        (json(r#"{"a":[1,18446744073709551616],"b":1e999}"#), vec!["/a/1", "/b"]),
        (
            yaml("a: [1, 18446744073709551616]\nb: 1e999\nc: .inf\nd: {<<: {e: .nan}}\n"),
            vec!["/a/1", "/b", "/c", "/d/e"],
        ),
        (yaml("a/b: &x -.inf\nc: *x\n"), vec!["/a~1b"]),
    ] {
        let document = document.expect("readable");
        let pointers: Vec<_> = document.problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, problems);
        for problem in &document.problems {
            assert!(document.value.at(&problem.pointer).is_some_and(|value| value.as_str().is_some()), "{problem}");
        }
    }
    let message = json("[18446744073709551616]").expect("readable").problems[0].message.clone();
    assert_eq!(message, format!("the number 18446744073709551616 {}", scalar::TOO_LARGE_INTEGER));
    refused(json(&format!("[{}1e999]", "1e999,".repeat(100))), "1:602", "more than 100 numbers");
    let way = format!("{{\"{}\":", "k".repeat(10_000)).repeat(90);
    let far = format!("{way}[1e999,1e999]{}", "}".repeat(90));
    assert!(json(&far).expect_err("places too long").message.contains("below long names"));
}

#[test]
fn spellings_are_kept() {
    for document in [json(r#"[1.10, 1E2, -0, 1e-999]"#), yaml("[1.10, 1E2, -0, 1e-999, 017, 0x1F, +1]")] {
        let document = document.expect("readable");
        let spelled = |item: &Json| match item {
            Json::Number(number) => number.text(),
            _ => String::new(),
        };
        let spellings: Vec<_> = document.value.as_array().expect("a list").iter().map(spelled).collect();
        let expected = ["1.10", "1E2", "-0", "1e-999", "017", "0x1F", "+1"];
        assert_eq!(spellings, expected[..spellings.len()]);
        let json: serde_json::Value = serde_json::from_str(&document.value.to_text()).expect("valid JSON");
        assert_eq!(json[0], 1.1);
    }
}

#[test]
fn depth_is_counted_the_same_in_both_formats() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let block = |depth: usize| "- ".repeat(depth) + "x";
    for format in [Format::Json, Format::Yaml] {
        assert!(read(nested(128).as_bytes(), format, &Limits::default()).is_ok());
        let error = read(nested(129).as_bytes(), format, &Limits::default()).expect_err("too deep");
        assert!(error.message.contains("more than 128 deep"), "{error}");
        let error = read("[".repeat(1 << 20).as_bytes(), format, &Limits::default()).expect_err("too deep");
        assert!(error.message.contains("more than 128 deep"), "{error}");
    }
    assert!(yaml(&block(128)).is_ok());
    for text in [block(129), "{a: ".repeat(60_000), "- ".repeat(500_000), "? ".repeat(500_000)] {
        let error = yaml(&text).expect_err("too deep");
        assert!(error.message.contains("128 deep") || error.message.contains("collection"), "{error}");
    }
    let shallow = Limits { depth: 2, ..Limits::default() };
    assert!(read(b"a: &x [1]\nb: [*x]\n", Format::Yaml, &shallow).is_err());
    assert!(read(b"a: &x [1]\nb: *x\n", Format::Yaml, &shallow).is_ok());
    assert!(read(b"a: &x 1\nb: [*x]\n", Format::Yaml, &shallow).is_ok());
}

#[test]
fn copies_are_bounded() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{},", level - 1).repeat(9);
        bomb += &format!("a{level}: &a{level} [{alias}]\n");
    }
    assert!(yaml(&bomb).expect_err("a bomb").message.contains("more than 50000 values"));
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(100));
    assert!(yaml(&long).expect_err("a bomb").message.contains("copy more than"));
    let keys = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "{*a : 1},".repeat(100));
    assert!(yaml(&keys).expect_err("a bomb").message.contains("copy more than"));
    let merges = format!("a: &a {{{}}}\nb: [{}]\n", "k: [1,1,1,1,1,1,1,1,1,1]", "{<<: *a},".repeat(50_000));
    assert!(yaml(&merges).expect_err("a bomb").message.contains("more than 50000 values"));
    let nested = "- &a ".to_owned() + &"[&a ".repeat(100) + &"1,".repeat(20_000) + &"]".repeat(100);
    assert!(yaml(&nested).expect_err("a bomb").message.contains("more than 50000 values"));
    let inner: String = (0..2_000).map(|number| format!("k{number}: 1, ")).collect();
    for (begin, end) in [("{<<: ", "}"), ("{a: 1, <<: [", "]}")] {
        let chain = begin.repeat(60) + "{" + &inner + "}" + &end.repeat(60);
        assert!(yaml(&chain).expect_err("a bomb").message.contains("more than 50000 values"));
    }
    let many = format!("[{}1]", "1,".repeat(50_000));
    assert!(json(&many).expect_err("too many").message.contains("more than 50000 values"));
}

#[test]
fn long_keys_are_read() {
    let key = "k".repeat(10_000);
    for text in [format!("{key}: 1\n"), format!("{{\"{key}\": 1}}"), format!("\"{key}\": 1\n")] {
        assert!(yaml(&text).expect("readable").position(&format!("/{key}")).is_some());
    }
    let longer = "k".repeat(200_000);
    assert!(json(&format!("{{\"{longer}\": 1}}")).is_ok());
    assert!(yaml(&format!("? {longer}\n: 1\n")).is_ok());
    assert!(yaml(&format!("a: {{b: {longer}}}\n")).is_ok());
    // Without `? ` a key of YAML ends at 32768 characters, so that a collection on one line costs little memory.
    for text in [format!("{longer}: 1\n"), format!("{{\"{longer}\": 1}}"), format!("a:\n  {longer}: 1\n")] {
        assert!(yaml(&text).is_err());
    }
}

/// Each pointer with its key and value as they are written.
#[track_caller]
fn places(document: Result<Document, ReadError>, expected: &[(&str, &str, &str)]) {
    let document = document.expect("readable");
    for (pointer, key, value) in expected {
        let place = document.position(pointer).unwrap_or_else(|| panic!("no place for {pointer}"));
        assert_eq!(place.key.map_or("", |key| &document.text()[key]), *key, "key of {pointer}");
        assert_eq!(&document.text()[place.value], *value, "value of {pointer}");
    }
}

#[test]
fn places_in_json() {
    let text = "\u{feff}{\"é\": {\"a/b\": [1, {\"~\": \"ü\"}], \"\\u0063\": null}, \"\": true}";
    places(
        json(text),
        &[
            ("", "", &text[3..]),
            ("/é", "\"é\"", "{\"a/b\": [1, {\"~\": \"ü\"}], \"\\u0063\": null}"),
            ("/é/a~1b", "\"a/b\"", "[1, {\"~\": \"ü\"}]"),
            ("/é/a~1b/0", "", "1"),
            ("/é/a~1b/1/~0", "\"~\"", "\"ü\""),
            ("/é/c", "\"\\u0063\"", "null"),
            ("/", "\"\"", "true"),
        ],
    );
    let document = json(text).expect("readable");
    assert_eq!(document.position("/é/d"), None);
    assert_eq!(Some(document.nearest("/é/d/e")), document.position("/é"));
    assert_eq!(Some(document.nearest("/é/a~1b/7")), document.position("/é/a~1b"));
    assert_eq!(document.line_and_column("/é/a~1b/0"), (1, 16));
}

#[test]
fn places_in_yaml() {
    let text = "# ü\nspec:\n  é: |\n    ab\n    cd\n\n  list:\n    - 'x'\n    - k: \"y\"\n      l: m n\n\nlast: [1, {a: 2}] # end\n";
    places(
        yaml(text),
        &[
            ("/spec/é", "é", "ab\n    cd"),
            ("/spec/list", "list", "- 'x'\n    - k: \"y\"\n      l: m n"),
            ("/spec/list/0", "", "'x'"),
            ("/spec/list/1", "", "k: \"y\"\n      l: m n"),
            ("/spec/list/1/k", "k", "\"y\""),
            ("/spec/list/1/l", "l", "m n"),
            ("/last", "last", "[1, {a: 2}]"),
            ("/last/1/a", "a", "2"),
        ],
    );
    assert_eq!(yaml(text).expect("readable").line_and_column("/spec/list/1/l"), (10, 7));
    places(
        yaml("a: &x {p: 1, \"\\x71\": [2]}\nb: *x\nc: {r: 3, <<: *x}\n'k''k': 1\n? |\n  m\n: 2\n"),
        &[
            ("/b", "b", "*x"),
            ("/b/p", "p", "1"),
            ("/b/q", "\"\\x71\"", "[2]"),
            ("/c", "c", "{r: 3, <<: *x}"),
            ("/c/r", "r", "3"),
            ("/c/q", "\"\\x71\"", "[2]"),
            ("/c/q/0", "", "2"),
            ("/k'k", "'k''k'", "1"),
            ("/m\n", "m", "2"),
        ],
    );
}
