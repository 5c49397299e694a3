//! The answer of a binding in a form that all bindings share, and what a case may expect of it.

use kindstore::Json;

use super::step::Step;

/// One problem of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) attribute: String,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Line and column, where the document was text.
    pub(crate) place: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// The HTTP status, or what it would be.
    pub(crate) status: u16,
    /// The reason of a failure.
    pub(crate) reason: Option<String>,
    /// The message of a failure.
    pub(crate) message: Option<String>,
    /// Every problem.
    pub(crate) errors: Vec<Problem>,
    /// One resource.
    pub(crate) document: Option<Json>,
    /// A list of resources, of versions, of differences, or of events.
    pub(crate) items: Option<Vec<Json>>,
    /// What became of the resources of a commit: `created`, `configured`, `unchanged` or `deleted`.
    pub(crate) words: Option<Vec<&'static str>>,
    /// The revision of a commit, or of a list where it is read page by page or at a revision.
    pub(crate) revision: Option<u64>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
    /// What was remarked.
    pub(crate) warnings: Vec<String>,
}

/// What a server adds to the message for something that it was not configured with.
pub(crate) const OPTION_OF_SERVER: &str = " (start the server with --plain-secrets)";

const WORDS: [&str; 14] = [
    "status", "reason", "message", "errors", "object", "absent", "names", "warnings", "equal", "entries", "more",
    "results", "count", "events",
];

impl Answer {
    /// A failure, with the status that the project's table gives its reason.
    pub(crate) fn failure(reason: &str, message: &str, errors: Vec<Problem>) -> Self {
        // The engine has no options on a command line; `fault::tests` of the server checks that its messages name them.
        let message = message.strip_suffix(OPTION_OF_SERVER).unwrap_or(message);
        let (reason, message) = (Some(reason.to_owned()), Some(message.to_owned()));
        let status = status(reason.as_deref().unwrap());
        Self { status, reason, message, errors, ..Self::default() }
    }

    /// Whether the answer is what the step expects.
    pub(crate) fn check(&self, step: &Step) -> Result<(), String> {
        let expected = step.expect.as_object().ok_or("`expect` is not an object")?;
        if let Some(name) = expected.keys().find(|name| !WORDS.contains(&name.as_str())) {
            return Err(format!("unknown word {name:?} in `expect`"));
        }
        let is = |name: &str, found: bool| {
            if found { Ok(()) } else { Err(format!("{name} is not as expected in {self:?}")) }
        };
        for (name, wanted) in expected {
            let holds = match (name.as_str(), wanted) {
                ("status", wanted) => wanted.to_text() == self.status.to_string(),
                ("reason", wanted) => wanted.as_str() == self.reason.as_deref(),
                ("message", wanted) => self.message.as_deref().unwrap_or_default().contains(wanted.as_str().unwrap()),
                ("errors", Json::Object(wanted)) => self.has_errors(wanted),
                ("object", wanted) => self.document.as_ref().is_some_and(|document| contains(document, wanted)),
                ("equal", wanted) => {
                    self.document.as_ref().is_some_and(|document| document.get("spec") == Some(wanted))
                }
                ("absent", Json::Array(pointers)) => {
                    let document = self.document.as_ref().ok_or("there is no document")?;
                    pointers.iter().all(|pointer| document.at(pointer.as_str().unwrap()).is_none())
                }
                ("names", Json::Array(wanted)) => self.names() == *wanted,
                ("entries", Json::Array(wanted)) => self.has_entries(wanted),
                ("events", Json::Array(wanted)) => self.events() == *wanted,
                ("more", Json::Bool(wanted)) => self.next.is_some() == wanted.value(),
                ("results", Json::Array(wanted)) => self.has_words(wanted),
                ("count", wanted) => {
                    self.items.as_ref().is_some_and(|items| wanted.to_text() == items.len().to_string())
                }
                ("warnings", Json::Array(wanted)) => self.has_warnings(wanted),
                _ => false,
            };
            is(name, holds)?;
        }
        // What is not expected to fail must not fail.
        is("status", expected.contains_key("status") || self.status < 300)
    }

    /// Exactly these attributes, each with this part of its message, or with this code, place and part of its message.
    fn has_errors(&self, wanted: &kindstore::manifest::Members) -> bool {
        let holds = |(attribute, wanted): (&String, &Json)| {
            self.errors.iter().any(|problem| problem.attribute == *attribute && problem.is(wanted))
        };
        self.errors.len() == wanted.len() && wanted.iter().all(holds)
    }

    /// The same answer without places, which differ where each binding writes the document in its own form, and with them the
    /// order of the problems.
    pub(crate) fn without_places(mut self) -> Self {
        self.errors.iter_mut().for_each(|problem| problem.place = None);
        self.errors.sort_by(|one, other| (&one.attribute, &one.message).cmp(&(&other.attribute, &other.message)));
        self.warnings.sort();
        // The message lists all problems behind a colon, in the order that they had.
        if let Some(message) = self.message.take_if(|_| !self.errors.is_empty()) {
            let (head, list) = message.split_once(": ").unwrap_or((&message, ""));
            assert!(
                self.errors.iter().all(|problem| list.contains(&problem.message)),
                "{message:?} lists every problem"
            );
            self.message = Some(head.to_owned());
        }
        self
    }

    /// As many warnings as wanted, each with the beginning of one of them. They are in the order of the text, and each binding
    /// writes the document in its own form.
    fn has_warnings(&self, wanted: &[Json]) -> bool {
        let (mut found, mut wanted): (Vec<&str>, Vec<&str>) =
            (self.warnings.iter().map(String::as_str).collect(), wanted.iter().filter_map(Json::as_str).collect());
        found.sort_unstable();
        wanted.sort_unstable();
        found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| found.starts_with(wanted))
    }

    fn has_words(&self, wanted: &[Json]) -> bool {
        let words = self.words.iter().flatten().copied();
        words.map(Some).eq(wanted.iter().map(Json::as_str))
    }

    /// Exactly these items, each with at least the members that are named.
    fn has_entries(&self, wanted: &[Json]) -> bool {
        let items = self.items.as_deref().unwrap_or_default();
        items.len() == wanted.len() && items.iter().zip(wanted).all(|(found, wanted)| contains(found, wanted))
    }

    /// The events of a watch: what happened, and of resources the name and the version.
    fn events(&self) -> Vec<Json> {
        let event = |item: &Json| {
            let object =
                |pointer: &str| item.at(pointer).map(|it| it.as_str().map_or_else(|| it.to_text(), str::to_owned));
            let name = object("/object/metadata/name").or_else(|| object("/object/name"));
            let words = [object("/type"), name, object("/object/metadata/resourceVersion")];
            Json::String(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
        };
        self.items.iter().flatten().map(event).collect()
    }

    fn names(&self) -> Vec<Json> {
        let name = |item: &Json| item.at("/metadata/name").or(item.get("name")).cloned().unwrap_or_default();
        self.items.iter().flatten().map(name).collect()
    }
}

impl Problem {
    fn is(&self, wanted: &Json) -> bool {
        let Json::Object(wanted) = wanted else { return self.message.contains(wanted.as_str().unwrap()) };
        wanted.iter().all(|(word, wanted)| match word.as_str() {
            "code" => wanted.as_str() == Some(&self.code),
            "at" => wanted.as_str() == self.place.as_deref(),
            "message" => self.message.contains(wanted.as_str().unwrap()),
            other => panic!("unknown word {other:?} of an error"),
        })
    }
}

/// What became of a resource of a commit.
pub(crate) fn word(deleted: bool, created: bool, changed: bool) -> &'static str {
    match (deleted, created, changed) {
        (true, ..) => "deleted",
        (_, true, _) => "created",
        (_, _, true) => "configured",
        _ => "unchanged",
    }
}

/// Whether a value has at least these members, at every depth; anything but an object must be equal.
fn contains(found: &Json, wanted: &Json) -> bool {
    match (found, wanted) {
        (Json::Object(found), Json::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| found.get(name).is_some_and(|found| contains(found, wanted)))
        }
        _ => found == wanted,
    }
}

/// The table of the documentation once more, so that a slip in the server's is seen.
fn status(reason: &str) -> u16 {
    match reason {
        "Invalid" | "BadRequest" => 400,
        "NotFound" => 404,
        "MethodNotAllowed" => 405,
        "AlreadyExists" | "Conflict" | "Blocked" => 409,
        "Expired" => 410,
        "PreconditionFailed" => 412,
        "NotImplemented" => 501,
        other => panic!("no case expects the reason {other}"),
    }
}
