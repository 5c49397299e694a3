//! The embedded interface as a player.

use kindstore::manifest::{Format, Limits};
use kindstore::patch::Difference;
use kindstore::store::Operation;
use kindstore::store::{HistoryPage, SelectorError};
use kindstore::{
    Comparison, Document, Error, GetOptions, ListOptions, Object, Patch, Selector, Store, Version, WriteOutcome,
};
use serde_json::json;
use tempfile::TempDir;

use super::{Player, options, watch};
use crate::case::answer::{Answer, OPTION_OF_SERVER, Problem, word};
use crate::case::simulate;
use crate::case::step::{Body, Step};

pub(crate) struct Engine {
    name: &'static str,
    store: Store,
    plain_secrets: bool,
    /// Kept so that it goes when the player goes.
    _folder: Option<TempDir>,
}

impl Engine {
    pub(crate) fn new(name: &'static str, store: Store, plain_secrets: bool, folder: Option<TempDir>) -> Self {
        Self { name, store, plain_secrets, _folder: folder }
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
        user(&self.store, step, self.plain_secrets).unwrap_or_else(|error| failure(&error))
    }
}

fn user(store: &Store, step: &Step, plain_secrets: bool) -> Result<Answer, Error> {
    let (kind, namespace, key) = (step.kind.as_str(), step.namespace.as_deref(), step.key.as_str());
    let collection = || store.collection(kind, namespace);
    let before = simulate::before(store, step);
    let write = match step.verb.as_str() {
        "get" => {
            let object =
                collection()?.get_with(key, GetOptions::default().reveal(step.reveal).revision(step.revision))?;
            return Ok(Answer { status: 200, document: Some(document(store, &object)), ..Answer::default() });
        }
        "list" => return list(store, step),
        "history" => return history(store, step),
        "watch" => return watch::embedded(store, step),
        "get-version" => {
            let version = version(store, &collection()?.version(key, step.from)?);
            return Ok(Answer { status: 200, document: Some(version), ..Answer::default() });
        }
        "compare" => {
            let found = collection()?.compare(key, step.from, step.to)?;
            return Ok(compared(&found));
        }
        "create" => collection()?.create(body(step)?),
        "upsert" => collection()?.upsert(key, body(step)?),
        "patch" => collection()?.patch(key, body(step)?),
        "json-patch" => collection()?.patch(key, Patch::Json(body(step)?)),
        "delete" => collection()?.delete(key),
        "rollback" => collection()?.rollback(key, step.from),
        "undelete" => collection()?.undelete(key),
        "commit" => return commit(store, step),
        other => panic!("no such verb: {other}"),
    };
    let answer = write.options(options(store, step)).wait();
    if let Some(before) = before {
        simulate::check(store, step, &before, plain_secrets, &answer);
    }
    Ok(written(store, &answer?))
}

fn commit(store: &Store, step: &Step) -> Result<Answer, Error> {
    let operations = step.operations.iter().map(|one| operation(store, one)).collect::<Result<Vec<_>, _>>()?;
    let all = store.transaction(&step.kind).operations(operations).dry_run(step.dry_run).wait()?;
    let words = step.operations.iter().zip(&all);
    let words = words.map(|(one, written)| word(one.verb == "delete", written.created, written.changed));
    let warnings = all.iter().flat_map(|written| &written.warnings);
    let mut revisions: Vec<_> = all.iter().filter_map(|written| written.revision).collect();
    revisions.dedup();
    assert!(revisions.len() <= 1, "a commit has one revision: {revisions:?}");
    Ok(Answer {
        status: 200,
        items: Some(all.iter().map(|written| document(store, &written.object)).collect()),
        words: Some(words.collect()),
        revision: revisions.first().copied(),
        warnings: warnings.map(ToString::to_string).collect(),
        ..Answer::default()
    })
}

fn operation(store: &Store, step: &Step) -> Result<Operation, Error> {
    let (kind, key) = (step.kind.as_str(), step.key.as_str());
    let operation = match step.verb.as_str() {
        "create" => Operation::create(kind, body(step)?),
        "upsert" => Operation::upsert(kind, key, body(step)?),
        "patch" => Operation::patch(kind, key, body(step)?),
        "json-patch" => Operation::patch(kind, key, Patch::Json(body(step)?)),
        "delete" => Operation::delete(kind, key),
        other => panic!("a commit does not {other}"),
    };
    Ok(operation.options(options(store, step)))
}

fn list(store: &Store, step: &Step) -> Result<Answer, Error> {
    let definition = store.registry().require(&step.kind)?;
    let wrong = |error: SelectorError| Error::BadRequest { message: error.to_string() };
    let collection = store.collection(&step.kind, step.namespace.as_deref())?;
    let selected = ListOptions::default()
        .labels(Selector::labels(&step.label_selector).map_err(wrong)?)
        .fields(Selector::fields(definition, &step.field_selector).map_err(wrong)?);
    let options = match step.is_paged() || step.token.is_some() {
        true => collection.page(selected, step.revision, step.token.as_deref())?,
        false => selected.revision(step.revision),
    };
    let list = collection.list_with(options.clone().limit(step.limit))?;
    let items = list.items.iter().map(|object| document(store, object)).collect();
    let next = list.next.map(|after| collection.token(&options, list.revision, after).to_string());
    let revision = Some(list.revision).filter(|_| step.is_paged());
    Ok(Answer { status: 200, items: Some(items), revision, next, ..Answer::default() })
}

fn history(store: &Store, step: &Step) -> Result<Answer, Error> {
    let asked = HistoryPage::new(step.limit.unwrap_or(1000), usize::MAX)
        .token(step.token.as_deref())
        .only_authored(step.only_authored);
    let (page, next) = store.collection(&step.kind, step.namespace.as_deref())?.history_page(&step.key, asked)?;
    let next = next.map(|token| token.to_string());
    let items = page.versions.iter().map(|one| version(store, one)).collect();
    let deleted = json!({"deleted": page.is_deleted}).into();
    Ok(Answer { status: 200, document: Some(deleted), items: Some(items), next, ..Answer::default() })
}

/// A version as REST tells it.
fn version(store: &Store, version: &Version) -> kindstore::Json {
    let mut told = json!({
        "version": version.object.metadata.resource_version, "revision": version.revision,
        "authored": version.is_authored,
    });
    if let Some(ended) = version.ended {
        told["endedRevision"] = ended.into();
    }
    with_resource(told, document(store, &version.object))
}

/// What is told of a version with the resource that it is of.
pub(crate) fn with_resource(told: serde_json::Value, document: kindstore::Json) -> kindstore::Json {
    let mut told = kindstore::Json::from(told).as_object().unwrap().clone();
    told.insert("resource".to_owned(), document);
    kindstore::Json::Object(told)
}

fn compared(found: &Comparison) -> Answer {
    let number = |version: &Version| version.object.metadata.resource_version;
    let told = json!({"from": number(&found.from), "to": number(&found.to)}).into();
    let item = |it: &Difference| {
        let path = Some(("path".to_owned(), it.pointer.as_str().into()));
        let old = it.old.clone().map(|old| ("old".to_owned(), old));
        let new = it.new.clone().map(|new| ("new".to_owned(), new));
        kindstore::Json::Object([path, old, new].into_iter().flatten().collect())
    };
    let items = found.differences.iter().map(item).collect();
    Answer { status: 200, document: Some(told), items: Some(items), ..Answer::default() }
}

/// Plays a step as the system.
pub(crate) fn system(store: &Store, step: &Step) -> Answer {
    let (kind, namespace, key) = (step.kind.as_str(), step.namespace.as_deref(), step.key.as_str());
    let collection = match store.as_system().collection(kind, namespace) {
        Ok(collection) => collection,
        Err(error) => return failure(&error),
    };
    let write = match step.verb.as_str() {
        "create" => collection.create(body(step).unwrap()),
        "patch" => collection.patch(key, body(step).unwrap()),
        "delete" => collection.delete(key),
        other => panic!("the system does not {other}"),
    };
    write.options(options(store, step)).wait().map_or_else(|error| failure(&error), |done| written(store, &done))
}

pub(crate) fn body(step: &Step) -> Result<Document, Error> {
    match step.body.clone().expect("a body") {
        Body::Value(value) => Ok(value.into()),
        Body::Text(text, format) => Ok(kindstore::manifest::read(text.as_bytes(), format, &Limits::default())?),
    }
}

fn written(store: &Store, written: &WriteOutcome) -> Answer {
    let is_flat = store.registry().find(&written.object.kind).unwrap().flat.is_some();
    Answer {
        status: if written.created && !is_flat { 201 } else { 200 },
        document: Some(document(store, &written.object)),
        warnings: written.warnings.iter().map(ToString::to_string).collect(),
        ..Answer::default()
    }
}

fn document(store: &Store, object: &Object) -> kindstore::Json {
    store.registry().find(&object.kind).unwrap().document(object)
}

fn failure(error: &Error) -> Answer {
    assert!(
        !error.to_string().contains(OPTION_OF_SERVER),
        "an error of the engine names an option of the server: {error}"
    );
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
        Body::Value(value) => Some((kindstore::manifest::to_yaml(&value), format)),
    }
}
