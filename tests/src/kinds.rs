//! The guide to adding a kind, followed to the letter: its definition is all that is added.

use kindstore::manifest::{Format, Limits};
use kindstore::{Registry, Store};

use crate::case;

const GUIDE: &str = include_str!("../../docs/kinds.md");

/// The block of the guide that is marked so.
fn block(mark: &str) -> String {
    let begin = format!("```yaml {mark}\n");
    let (_, rest) = GUIDE.split_once(&begin).unwrap();
    rest.split_once("```\n").unwrap().0.to_owned()
}

#[test]
fn the_kind_of_the_guide_works_through_every_binding() {
    let case = kindstore::manifest::read(block("case").as_bytes(), Format::Yaml, &Limits::default()).unwrap().value;
    let registry = Registry::with(&[&block("kind")]).unwrap();
    case::play_with("docs/kinds.md", &case, Some(&registry)).unwrap();
}

#[test]
fn the_kind_of_the_guide_is_on_the_swagger_pages() {
    let registry = Registry::with(&[&block("kind")]).unwrap();
    let server = case::hosted(Store::builder().registry(registry).open().unwrap());
    let reply = crate::exchange::send(server, "GET", "/api/swagger.json", &[], b"").json();
    let paths = reply.get("paths").unwrap().as_object().unwrap();
    assert!(paths.contains_key("/api/v1/namespaces/{namespace}/schedules/{nameOrId}"));
    let trigger = reply.at("/components/schemas/Schedule/properties/spec/properties/trigger").unwrap();
    assert!(trigger.at("/properties/every").is_some() && trigger.at("/properties/at").is_some());
}

#[test]
fn a_definition_that_makes_no_sense_is_refused_at_its_place() {
    let broken = |from: &str, to: &str| {
        let text = block("kind").replacen(from, to, 1);
        Registry::with(&[&text]).unwrap_err().to_string()
    };
    for (from, to, expected) in [
        ("minimum: 1,", "minimun: 1,", "minimun"),
        ("required: [trigger]", "required: [triger]", "the member \"triger\" is not declared"),
        ("kind: {const: DAILY}", "kind: {type: string}", "has no `const`"),
        ("#/$defs/StringMap", "#/$defs/StringMop", "there is no shared schema \"StringMop\""),
        ("kind: Deployment, by: name", "kind: Deploiment, by: name", "there is no kind \"Deploiment\""),
        ("'^([01]", "'^(([01]", "is no regular expression"),
        ("plural: schedules", "plural: jobs", "share a name or a path"),
        ("naming: label\n", "", "`naming` goes with `key: name`"),
        ("naming: label\n", "naming: label\nsingletonName: x\n", "`singletonName` goes with `key: singleton`"),
    ] {
        let message = broken(from, to);
        assert!(message.contains(expected), "{to}: {message}");
    }
}
