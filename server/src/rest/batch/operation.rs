//! The operations of a body: each an object that says what is to be done, to what, and how.

use kindstore::store::Operation;
use kindstore::validation::{Code, suggestion};
use kindstore::{Diagnostic, Document, ETag, Error, Expected, FieldValidation, Json, Patch, ResourceId, WriteOptions};

use super::super::query::{self, Query};
use crate::batch;
use crate::document::MAX_BODY;
use crate::fault::Fault;

/// The words of an operation.
const WORDS: [&str; 5] = ["create", "upsert", "patch", "json-patch", "delete"];

/// The members of an operation.
const MEMBERS: [&str; 8] =
    ["operation", "kind", "name", "document", "expectedVersion", "expectedId", "fieldValidation", "applyDefaults"];

/// The most problems that are reported.
const MAX_PROBLEMS: usize = 1_000;

/// The operations of a body, and the word of each.
pub(super) fn read(mut body: Document, query: &Query) -> Result<(Vec<&'static str>, Vec<Operation>), Fault> {
    let count = match body.value.get("operations").and_then(Json::as_array) {
        Some(operations) => operations.len(),
        None => return Err(shapeless(&body)),
    };
    batch::check_count(count)?;
    if body.problems.len() > MAX_PROBLEMS {
        let mut problems = body.problems[..MAX_PROBLEMS].to_vec();
        // Each quotes a number, which may be a secret: the kinds of the documents are not read yet.
        problems.iter_mut().for_each(|problem| "the number cannot be kept".clone_into(&mut problem.message));
        return Err(invalid(&body, problems));
    }
    let mut problems = unknown(&body.value, "", &["operations"]);
    let (mut words, mut operations) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for index in 0..count {
        let root = format!("/operations/{index}");
        let document = take_document(&mut body, &root)?;
        let mut reader = Reader { value: body.value.at(&root).unwrap_or(&Json::Null), root, problems: Vec::new() };
        if let Some((word, operation)) = reader.operation(document, query) {
            words.push(word);
            operations.push(operation);
        }
        problems.append(&mut reader.problems);
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok((words, operations)) } else { Err(invalid(&body, problems)) }
}

fn shapeless(body: &Document) -> Fault {
    if body.value.as_object().is_none() {
        let message = format!("a batch must be an object with operations, not {}", body.value.type_name());
        return Fault::new("BadRequest", message);
    }
    let problem = match body.value.get("operations") {
        None => Diagnostic::error("/operations", Code::IsMissing, "is required"),
        Some(other) => {
            let message = format!("must be an array, not {}", other.type_name());
            Diagnostic::error("/operations", Code::HasWrongType, message)
        }
    };
    invalid(body, vec![problem])
}

/// The document of an operation; as large as one that comes alone.
fn take_document(body: &mut Document, root: &str) -> Result<Option<Document>, Fault> {
    let pointer = format!("{root}/document");
    // Finding a place in a text takes as long as reading it.
    let is_large = body.text().len() > MAX_BODY;
    let place = if is_large { body.position(&pointer) } else { None };
    let length = place.map_or(0, |place| place.value.len());
    if length > MAX_BODY {
        let message = format!("the document at {pointer} is larger than the limit of {MAX_BODY} bytes");
        return Err(Fault::new("PayloadTooLarge", message));
    }
    Ok(body.take(&pointer))
}

/// A problem for each member that is not among these.
fn unknown(value: &Json, root: &str, known: &[&str]) -> Vec<Diagnostic> {
    let names = value.as_object().into_iter().flat_map(|members| members.keys());
    let problem = |name: &String| {
        let pointer = format!("{root}/{}", name.replace('~', "~0").replace('/', "~1"));
        let problem = Diagnostic::error(pointer, Code::IsUnknown, "is unknown");
        match suggestion(name, known.iter().copied()) {
            Some(meant) => problem.with_hint(format!("did you mean {meant}?")),
            None => problem.with_hint(format!("known are {}", known.join(", "))),
        }
    };
    names.filter(|name| !known.contains(&name.as_str())).map(problem).collect()
}

/// Reads one operation, and collects what is wrong with it.
struct Reader<'a> {
    value: &'a Json,
    root: String,
    problems: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn operation(&mut self, document: Option<Document>, query: &Query) -> Option<(&'static str, Operation)> {
        if self.value.as_object().is_none() {
            let message = format!("must be an object, not {}", self.value.type_name());
            self.problems.push(Diagnostic::error(self.root.clone(), Code::HasWrongType, message));
            return None;
        }
        let mut strange = unknown(self.value, &self.root, &MEMBERS);
        self.problems.append(&mut strange);
        let word = self.one_of("operation", &WORDS);
        let kind = self.required("kind").unwrap_or_default().to_owned();
        let name = self.text("name").unwrap_or_default().to_owned();
        let options = self.options(query);
        let word = word?;
        if document.is_none() && word != "delete" {
            self.refuse("document", Code::IsMissing, "is required");
        }
        if document.is_some() && word == "delete" {
            self.refuse("document", Code::IsNotAllowed, "is not allowed in a delete");
        }
        if word == "create" && self.value.get("name").is_some() {
            self.refuse("name", Code::IsNotAllowed, "is not allowed in a create; the document has the name");
        }
        let document = document.unwrap_or_default();
        let operation = match word {
            "create" => Operation::create(&kind, document),
            "upsert" => Operation::upsert(&kind, &name, document),
            "patch" => Operation::patch(&kind, &name, Patch::Merge(document)),
            "json-patch" => Operation::patch(&kind, &name, Patch::Json(document)),
            _ => Operation::delete(&kind, &name),
        };
        Some((word, operation.options(options)))
    }

    fn options(&mut self, query: &Query) -> WriteOptions {
        let version = self.version();
        let id = self.text("expectedId").map(str::parse::<ResourceId>);
        if let Some(Err(error)) = &id {
            self.refuse("expectedId", Code::HasWrongFormat, &format!("is {error}"));
        }
        // An id alone would let a write overwrite versions that the client has not seen.
        if id.is_some() && version.is_none() {
            self.refuse("expectedId", Code::IsNotAllowed, "goes with expectedVersion");
        }
        let id = id.and_then(Result::ok);
        let named = self.value.get("fieldValidation").is_some();
        let names = query::FIELD_VALIDATION.map(|(name, _)| name);
        let field_validation = named.then(|| self.one_of("fieldValidation", &names)).flatten();
        let chosen = |word: &str| query::FIELD_VALIDATION.iter().find(|(name, _)| *name == word).map(|(_, how)| *how);
        let field_validation: FieldValidation = field_validation.and_then(chosen).unwrap_or(query.field_validation);
        let applies_defaults = match self.value.get("applyDefaults") {
            None => query.apply_defaults,
            Some(Json::Bool(flag)) => Some(flag.value()),
            Some(other) => {
                self.refuse(
                    "applyDefaults",
                    Code::HasWrongType,
                    &format!("must be a boolean, not {}", other.type_name()),
                );
                None
            }
        };
        WriteOptions::default()
            .expected(version.map(|version| Expected::OneOf(vec![ETag { id, version }])))
            .without_defaults(applies_defaults == Some(false))
            .field_validation(field_validation)
    }

    fn version(&mut self) -> Option<u64> {
        let value = self.value.get("expectedVersion")?;
        let version = match value {
            Json::Number(number) => number.to_string().parse().ok(),
            _ => None,
        };
        if version.is_none() {
            self.refuse("expectedVersion", Code::HasWrongType, "must be a whole number that is not negative");
        }
        version
    }

    fn one_of(&mut self, member: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.required(member)?;
        let found = words.iter().find(|word| **word == text).copied();
        if found.is_none() {
            self.refuse(member, Code::IsNotAllowed, &format!("must be one of {}", words.join(", ")));
        }
        found
    }

    fn required(&mut self, member: &str) -> Option<&'a str> {
        if self.value.get(member).is_none() {
            self.refuse(member, Code::IsMissing, "is required");
        }
        self.text(member)
    }

    fn text(&mut self, member: &str) -> Option<&'a str> {
        match self.value.get(member)? {
            Json::String(text) => Some(text),
            other => {
                let message = format!("must be a string, not {}", other.type_name());
                self.refuse(member, Code::HasWrongType, &message);
                None
            }
        }
    }

    fn refuse(&mut self, member: &str, code: Code, message: &str) {
        self.problems.push(Diagnostic::error(format!("{}/{member}", self.root), code, message));
    }
}

/// The fault for what is wrong with the body itself.
fn invalid(document: &Document, mut problems: Vec<Diagnostic>) -> Fault {
    document.locate(&mut problems);
    Error::Invalid { kind: "transaction".to_owned(), problems }.into()
}
