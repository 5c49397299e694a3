//! The embedded interface as a player.

use kindstore::{
    CommitOperation, CommitOptions, Comparison, ContinueToken, Difference, Document, Error, Format, GetOptions,
    HistoryOptions, HistoryToken, Limits, ListOptions, Object, Patch, Selector, SelectorError, Store, Version,
    WriteOutcome, to_document,
};
use serde_json::json;
use tempfile::TempDir;

use super::{Player, options, watch};
use crate::case::answer::{Answer, Problem, word};
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
    let options = options(store, step);
    let before = simulate::before(store, step);
    let write = match step.verb.as_str() {
        "get" => {
            let object =
                store.get(kind, namespace, key, GetOptions { reveal: step.reveal, revision: step.revision })?;
            return Ok(Answer { status: 200, document: Some(document(store, &object)), ..Answer::default() });
        }
        "list" => return list(store, step),
        "history" => return history(store, step),
        "watch" => return watch::embedded(store, step),
        "get-version" => {
            let version = version(store, &store.version(kind, namespace, key, step.from)?);
            return Ok(Answer { status: 200, document: Some(version), ..Answer::default() });
        }
        "compare" => {
            let found = store.compare(kind, namespace, key, step.from, step.to)?;
            return Ok(compared(&found));
        }
        "create" => store.create(kind, namespace, body(step)?, options),
        "upsert" => store.upsert(kind, namespace, key, body(step)?, options),
        "patch" => store.patch(kind, namespace, key, body(step)?, options),
        "json-patch" => store.patch(kind, namespace, key, Patch::Json(body(step)?), options),
        "delete" => store.delete(kind, namespace, key, options),
        "rollback" => store.rollback(kind, namespace, key, step.from, options),
        "undelete" => store.undelete(kind, namespace, key, options),
        "commit" => return commit(store, step),
        other => panic!("no such verb: {other}"),
    };
    let answer = write.wait();
    if let Some(before) = before {
        simulate::check(store, step, &before, plain_secrets, &answer);
    }
    Ok(written(store, &answer?))
}

fn commit(store: &Store, step: &Step) -> Result<Answer, Error> {
    let operations = step.operations.iter().map(|one| operation(store, one)).collect::<Result<_, _>>()?;
    let all = store.commit(&step.kind, operations, CommitOptions { dry_run: step.dry_run }).wait()?;
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

fn operation(store: &Store, step: &Step) -> Result<CommitOperation, Error> {
    let (kind, key) = (step.kind.as_str(), step.key.as_str());
    let operation = match step.verb.as_str() {
        "create" => CommitOperation::create(kind, body(step)?),
        "upsert" => CommitOperation::upsert(kind, key, body(step)?),
        "patch" => CommitOperation::patch(kind, key, body(step)?),
        "json-patch" => CommitOperation::patch(kind, key, Patch::Json(body(step)?)),
        "delete" => CommitOperation::delete(kind, key),
        other => panic!("a commit does not {other}"),
    };
    Ok(operation.with(options(store, step)))
}

fn list(store: &Store, step: &Step) -> Result<Answer, Error> {
    let definition = store.registry().require(&step.kind)?;
    let wrong = |error: SelectorError| Error::BadRequest { message: error.to_string() };
    let token = step.token.as_deref().map(str::parse::<ContinueToken>).transpose()?;
    let revision = token.map(|token| token.revision).or(step.revision);
    let options = ListOptions {
        labels: Selector::labels(&step.label_selector).map_err(wrong)?,
        fields: Selector::fields(definition, &step.field_selector).map_err(wrong)?,
        after: token.map(|token| token.after),
        limit: step.limit,
        revision: revision.or_else(|| step.is_paged().then(|| store.revision())),
        ..ListOptions::default()
    };
    let list = store.list(&step.kind, step.namespace.as_deref(), options)?;
    let items = list.items.iter().map(|object| document(store, object)).collect();
    let next = list.next.map(|after| ContinueToken { revision: list.revision, after }.to_string());
    let revision = Some(list.revision).filter(|_| step.is_paged());
    Ok(Answer { status: 200, items: Some(items), revision, next, ..Answer::default() })
}

fn history(store: &Store, step: &Step) -> Result<Answer, Error> {
    let token = step.token.as_deref().map(str::parse::<HistoryToken>).transpose()?;
    let before = token.map(|token| token.before);
    let options = HistoryOptions { before, limit: step.limit, only_authored: step.only_authored };
    let page = store.history(&step.kind, step.namespace.as_deref(), &step.key, options)?;
    let id = page.versions.last().map(|version| version.object.metadata.id);
    let next = page.next.zip(id).map(|(before, id)| HistoryToken { id, before }.to_string());
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
    let options = options(store, step);
    let write = match step.verb.as_str() {
        "create" => store.system().create(kind, namespace, body(step).unwrap(), options),
        "patch" => store.system().patch(kind, namespace, key, body(step).unwrap(), options),
        "delete" => store.system().delete(kind, namespace, key, options),
        other => panic!("the system does not {other}"),
    };
    write.wait().map_or_else(|error| failure(&error), |done| written(store, &done))
}

pub(crate) fn body(step: &Step) -> Result<Document, Error> {
    match step.body.clone().expect("a body") {
        Body::Value(value) => Ok(value.into()),
        Body::Text(text, format) => Ok(kindstore::read(text.as_bytes(), format, &Limits::default())?),
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
