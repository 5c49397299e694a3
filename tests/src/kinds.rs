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

/// A kind that can be replaced and has a secret; no built-in kind is both.
const LOGIN: &str = "
{kind: Login, apiVersion: v1, description: A login., group: /api/v1, plural: logins, singular: login, scope: namespaced,
 managedBy: user, key: name, naming: label, verbs: [list, get, create, upsert, patch, delete], secret: [/spec/by/password],
 schema: {type: object, properties: {metadata: {type: object, properties: {name: {type: string}}},
  spec: {type: object, properties: {user: {type: string}, by: {type: object, required: [password],
   properties: {password: {type: string}}}}}}}}";

const LOGIN_CASE: &str = "
about: A document without a secret member keeps the one that is there, and a new resource must have it.
plainSecrets: true
steps:
- create: Login
  body: {metadata: {name: a}, spec: {user: x, by: {password: hush}}}
  expect: {status: 201, equal: {user: x, by: {}}}
- upsert: Login
  note: as it was read
  key: a
  body: {kind: Login, metadata: {name: a, resourceVersion: 1}, spec: {user: x, by: {}}}
  expect: {status: 200, object: {metadata: {resourceVersion: 1}}}
- upsert: Login
  note: without the object around it
  key: a
  body: {spec: {user: y}}
  expect: {status: 200, object: {metadata: {resourceVersion: 2}}, equal: {user: y, by: {}}}
- upsert: Login
  note: null is as not given
  key: a
  body: {spec: {user: z, by: {password: null}}}
  expect: {status: 200, equal: {user: z, by: {}}}
- get: Login
  key: a
  reveal: true
  expect: {equal: {user: z, by: {password: hush}}}
- upsert: Login
  key: a
  body: {spec: {by: {password: other}}}
  expect: {status: 200, equal: {by: {}}}
- get: Login
  key: a
  reveal: true
  expect: {equal: {by: {password: other}}}
- upsert: Login
  key: b
  body: {spec: {by: {}}}
  expect: {status: 400, reason: Invalid, errors: {spec.by.password: is required}}
";

#[test]
fn a_secret_that_a_document_leaves_out_is_kept_through_every_binding() {
    let case = kindstore::manifest::read(LOGIN_CASE.as_bytes(), Format::Yaml, &Limits::default()).unwrap().value;
    let registry = Registry::with(&[LOGIN]).unwrap();
    case::play_with("a login", &case, Some(&registry)).unwrap();
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
