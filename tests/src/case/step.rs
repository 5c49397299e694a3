//! One request of a case with what is expected of its answer.

use std::collections::BTreeMap;

use kindstore::manifest::Format;
use kindstore::{FieldValidation, Json};

use super::answer::Answer;

/// One request.
pub(crate) struct Step {
    pub(crate) number: usize,
    /// One of [`VERBS`].
    pub(crate) verb: String,
    /// Whether the system plays it.
    pub(crate) is_system: bool,
    /// The kind; of a commit the namespace.
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) key: String,
    pub(crate) body: Option<Body>,
    pub(crate) dry_run: bool,
    pub(crate) without_defaults: bool,
    pub(crate) field_validation: FieldValidation,
    pub(crate) reveal: bool,
    /// Which labels and members the resources of a list have.
    pub(crate) label_selector: String,
    pub(crate) field_selector: String,
    /// The version that must be there.
    pub(crate) version: Option<u64>,
    /// The version that is asked for, compared with or gone back to; and the one that is compared with it.
    pub(crate) from: u64,
    pub(crate) to: Option<u64>,
    /// Where a watch begins: `list`, a revision or a cursor; now, when empty.
    pub(crate) begin: String,
    /// How many events a watch is expected to tell.
    pub(crate) events: usize,
    /// The revision that is read.
    pub(crate) revision: Option<u64>,
    /// The most on a page; without it lists are read whole.
    pub(crate) limit: Option<usize>,
    /// Where a list or a history goes on.
    pub(crate) token: Option<String>,
    /// Leaves out versions that changed the status only.
    pub(crate) only_authored: bool,
    /// What a commit does together.
    pub(crate) operations: Vec<Step>,
    pub(crate) expect: Json,
    /// Under which name the id in the answer is kept, for `${name}` in later steps.
    save: Option<String>,
    /// The same for the revision of a list, and for where the next page begins.
    save_revision: Option<String>,
    save_continue: Option<String>,
    /// The same for the cursor of the last event of a watch.
    save_cursor: Option<String>,
}

/// A body: a value that each binding writes in its own form, or text that is sent as it is.
#[derive(Clone)]
pub(crate) enum Body {
    Value(Json),
    Text(String, Format),
}

/// The steps of a case, with the ids that earlier ones kept.
pub(crate) struct Steps<'a> {
    steps: &'a [Json],
    next: usize,
    kept: BTreeMap<String, String>,
}

const VERBS: [&str; 14] = [
    "create",
    "get",
    "list",
    "upsert",
    "patch",
    "json-patch",
    "delete",
    "history",
    "get-version",
    "compare",
    "rollback",
    "undelete",
    "commit",
    "watch",
];
const WORDS: [&str; 27] = [
    "from",
    "to",
    "revision",
    "limit",
    "continue",
    "authored",
    "saveRevision",
    "saveContinue",
    "operations",
    "repeat",
    "saveCursor",
    "labelSelector",
    "fieldSelector",
    "fieldValidation",
    "namespace",
    "key",
    "body",
    "text",
    "format",
    "dryRun",
    "applyDefaults",
    "reveal",
    "version",
    "expect",
    "save",
    "note",
    "global",
];

impl<'a> Steps<'a> {
    pub(crate) fn new(case: &'a Json) -> Self {
        for name in case.as_object().unwrap().keys() {
            assert!(["about", "plainSecrets", "steps"].contains(&name.as_str()), "unknown word {name:?} in a case");
        }
        Self { steps: case.get("steps").unwrap().as_array().unwrap(), next: 0, kept: BTreeMap::new() }
    }

    pub(crate) fn next(&mut self) -> Option<Step> {
        let raw = self.steps.get(self.next)?;
        self.next += 1;
        Some(Step::read(self.next, &substitute(raw, &self.kept)))
    }

    pub(crate) fn keep(&mut self, step: &Step, answer: &Answer) {
        if let Some(name) = &step.save {
            let id = answer.document.as_ref().and_then(|document| document.at("/metadata/id")).unwrap();
            self.kept.insert(name.clone(), id.as_str().unwrap().to_owned());
        }
        if let Some(name) = &step.save_revision {
            self.kept.insert(name.clone(), answer.revision.unwrap().to_string());
        }
        if let Some(name) = &step.save_continue {
            self.kept.insert(name.clone(), answer.next.clone().unwrap());
        }
        if let Some(name) = &step.save_cursor {
            let cursor = answer.items.iter().flatten().next_back().and_then(|event| event.get("cursor")).unwrap();
            self.kept.insert(name.clone(), cursor.as_str().unwrap().to_owned());
        }
    }
}

impl Step {
    /// Whether a list is read at a revision or page by page, so that the answer tells of both.
    pub(crate) fn is_paged(&self) -> bool {
        self.limit.is_some() || self.token.is_some() || self.revision.is_some() || self.save_revision.is_some()
    }

    /// Whether the answer is a resource.
    pub(crate) fn is_of_resource(&self) -> bool {
        !["list", "history", "get-version", "compare", "watch"].contains(&self.verb.as_str())
    }

    /// Whether the body is sent as it is, so that places in it are the same for all bindings.
    pub(crate) fn has_text(&self) -> bool {
        matches!(self.body, Some(Body::Text(..)))
    }

    fn read(number: usize, raw: &Json) -> Self {
        let members = raw.as_object().unwrap();
        let is_verb = |name: &str| VERBS.contains(&name.strip_prefix("system-").unwrap_or(name));
        let (word, kind) = members.iter().find(|(name, _)| is_verb(name)).unwrap();
        for name in members.keys() {
            assert!(name == word || WORDS.contains(&name.as_str()), "step {number}: unknown word {name:?}");
        }
        let text = |name: &str| members.get(name).map(|value| value.as_str().unwrap().to_owned());
        let flag = |name: &str| members.get(name).map(|value| *value == Json::from(true));
        // What was kept is text.
        let count = |name: &str| {
            let value = members.get(name)?;
            Some(value.as_str().map_or_else(|| value.to_text(), str::to_owned).parse::<u64>().unwrap())
        };
        let format = if text("format").as_deref() == Some("json") { Format::Json } else { Format::Yaml };
        let body = match (text("text"), members.get("body")) {
            (Some(text), None) => Some(Body::Text(text, format)),
            (None, body) => body.cloned().map(Body::Value),
            _ => panic!("step {number}: a body is a text or a value"),
        };
        let is_global = flag("global").unwrap_or(false);
        let is_watch = word == "watch";
        let expect = members.get("expect").cloned().unwrap_or_default();
        let events = expect.get("events").and_then(Json::as_array).map_or(0, <[Json]>::len);
        Self {
            number,
            verb: word.strip_prefix("system-").unwrap_or(word).to_owned(),
            is_system: word.starts_with("system-"),
            kind: kind.as_str().unwrap().to_owned(),
            namespace: (!is_global).then(|| text("namespace").unwrap_or_else(|| "default".to_owned())),
            key: text("key").unwrap_or_default(),
            body,
            dry_run: flag("dryRun").unwrap_or(false),
            without_defaults: flag("applyDefaults") == Some(false),
            field_validation: match text("fieldValidation").as_deref() {
                None | Some("Warn") => FieldValidation::Warn,
                Some("Strict") => FieldValidation::Strict,
                Some("Ignore") => FieldValidation::Ignore,
                Some(other) => panic!("step {number}: {other:?} is no way to validate members"),
            },
            reveal: flag("reveal").unwrap_or(false),
            label_selector: text("labelSelector").unwrap_or_default(),
            field_selector: text("fieldSelector").unwrap_or_default(),
            version: count("version"),
            from: if is_watch { 0 } else { count("from").unwrap_or_default() },
            begin: if is_watch { text("from").unwrap_or_default() } else { String::new() },
            events,
            to: count("to"),
            revision: count("revision"),
            limit: count("limit").map(|limit| usize::try_from(limit).unwrap()),
            token: text("continue"),
            only_authored: flag("authored").unwrap_or(false),
            operations: members.get("operations").map(|all| operations(number, kind, all)).unwrap_or_default(),
            expect,
            save: text("save"),
            save_revision: text("saveRevision"),
            save_continue: text("saveContinue"),
            save_cursor: text("saveCursor"),
        }
    }
}

/// The operations of a commit. One with `repeat` stands for as many, each with its number in the place of `${number}`.
fn operations(number: usize, namespace: &Json, all: &Json) -> Vec<Step> {
    let mut operations = Vec::new();
    for raw in all.as_array().unwrap() {
        let times = raw.get("repeat").map_or(1, |times| times.to_text().parse().unwrap());
        for index in 0..times {
            let numbered = substitute(raw, &BTreeMap::from([("number".to_owned(), index.to_string())]));
            let namespace = Some(namespace.as_str().unwrap().to_owned());
            operations.push(Step { namespace, ..Step::read(number, &numbered) });
        }
    }
    operations
}

fn substitute(value: &Json, kept: &BTreeMap<String, String>) -> Json {
    match value {
        Json::String(text) => {
            Json::String(kept.iter().fold(text.clone(), |text, (name, id)| text.replace(&format!("${{{name}}}"), id)))
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| substitute(item, kept)).collect()),
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), substitute(value, kept))).collect())
        }
        other => other.clone(),
    }
}
