//! The embedded interface as a player.

use kindstore::{
    Document, Error, Format, GetOptions, Limits, ListOptions, Object, Patch, Selector, SelectorError, Store, Written,
    to_document,
};
use tempfile::TempDir;

use super::{Player, options};
use crate::case::answer::{Answer, Problem};
use crate::case::step::{Body, Step};

pub(crate) struct Engine {
    name: &'static str,
    store: Store,
    /// Kept so that it goes when the player goes.
    _folder: Option<TempDir>,
}

impl Engine {
    pub(crate) fn new(name: &'static str, store: Store, folder: Option<TempDir>) -> Self {
        Self { name, store, _folder: folder }
    }
}

impl Player for Engine {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn play(&mut self, step: &Step) -> Answer {
        user(&self.store, step).unwrap_or_else(|error| failure(&error))
    }
}

fn user(store: &Store, step: &Step) -> Result<Answer, Error> {
    let (kind, namespace, key) = (step.kind.as_str(), step.namespace.as_deref(), step.key.as_str());
    let options = options(store, step);
    let write = match step.verb.as_str() {
        "get" => {
            let object = store.get(kind, namespace, key, GetOptions { reveal: step.reveal, revision: None })?;
            return Ok(Answer { status: 200, document: Some(document(store, &object)), ..Answer::default() });
        }
        "list" => {
            let definition = store.registry().require(kind)?;
            let wrong = |error: SelectorError| Error::BadRequest { message: error.to_string() };
            let options = ListOptions {
                labels: Selector::labels(&step.label_selector).map_err(wrong)?,
                fields: Selector::fields(definition, &step.field_selector).map_err(wrong)?,
                ..ListOptions::default()
            };
            let list = store.list(kind, namespace, options)?;
            let items = list.items.iter().map(|object| document(store, object)).collect();
            return Ok(Answer { status: 200, items: Some(items), ..Answer::default() });
        }
        "create" => store.create(kind, namespace, body(step)?, options),
        "upsert" => store.upsert(kind, namespace, key, body(step)?, options),
        "patch" => store.patch(kind, namespace, key, body(step)?, options),
        "json-patch" => store.patch(kind, namespace, key, Patch::Json(body(step)?), options),
        "delete" => store.delete(kind, namespace, key, options),
        other => panic!("no such verb: {other}"),
    };
    Ok(written(store, &write.wait()?))
}

/// Plays a step by the system's door.
pub(crate) fn system(store: &Store, step: &Step) -> Answer {
    let (kind, namespace, key) = (step.kind.as_str(), step.namespace.as_deref(), step.key.as_str());
    let options = options(store, step);
    let write = match step.verb.as_str() {
        "create" => store.system().create(kind, namespace, body(step).unwrap(), options),
        "patch" => store.system().patch(kind, namespace, key, body(step).unwrap(), options),
        "delete" => store.system().delete(kind, namespace, key, options),
        other => panic!("the system does not {other}"),
    };
    write.wait().map_or_else(|error| failure(&error), |done| written(store, &done))
}

fn body(step: &Step) -> Result<Document, Error> {
    match step.body.clone().expect("a body") {
        Body::Value(value) => Ok(value.into()),
        Body::Text(text, format) => Ok(kindstore::read(text.as_bytes(), format, &Limits::default())?),
    }
}

fn written(store: &Store, written: &Written) -> Answer {
    let is_flat = store.registry().find(&written.object.kind).unwrap().flat.is_some();
    Answer {
        status: if written.created && !is_flat { 201 } else { 200 },
        document: Some(document(store, &written.object)),
        warnings: written.warnings.iter().map(ToString::to_string).collect(),
        ..Answer::default()
    }
}

fn document(store: &Store, object: &Object) -> kindstore::Json {
    to_document(store.registry().find(&object.kind).unwrap(), object)
}

fn failure(error: &Error) -> Answer {
    let problems = match error {
        Error::Invalid { problems, .. } => problems.as_slice(),
        _ => &[],
    };
    let errors = problems.iter().map(|problem| Problem {
        attribute: problem.attribute(),
        code: problem.code.as_str().to_owned(),
        message: problem.advice(),
        place: problem.span.map(|span| format!("{}:{}", span.start.line, span.start.column)),
    });
    let errors = errors.collect();
    Answer::failure(error.reason(), &error.to_string(), errors)
}

/// The body of a step as text in a format; text is sent as it is.
pub(crate) fn text(step: &Step, format: Format) -> Option<(String, Format)> {
    match step.body.clone()? {
        Body::Text(text, format) => Some((text, format)),
        Body::Value(value) if format == Format::Json => Some((value.to_text(), format)),
        Body::Value(value) => Some((kindstore::to_yaml(&value), format)),
    }
}
