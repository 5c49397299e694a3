//! The order of the steps of a write. Each step is one call to a rule or to the backend; there are no opinions here.

use std::borrow::Cow;
use std::sync::Arc;

use super::amend::amended;
use super::cascade::Cascade;
use super::create::{Made, create};
use super::delete::delete;
use super::document::is_same;
use super::draft::{Successor, draft};
use super::namespace::Closing;
use super::read::{Stored, View};
use super::record;
use super::restore::undelete;
use super::write::Step;
use super::{Inner, WriteOptions, WriteOutcome, past, reference, turn};
use crate::backend::{Batch, Operation, Precondition};
use crate::diagnostic::{Code, Diagnostic};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::manifest::Document;
use crate::object::{Metadata, Object};
use crate::rules::envelope::Caller;

/// The largest resource that is stored, in bytes. A document is smaller when it comes in, but patches add up.
const MAX_BYTES: usize = 2 << 20;

/// What is asked for, owned by the write so that it can begin anew.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) kind: Arc<Kind>,
    pub(super) namespace: Option<String>,
    /// The id or name that is addressed; none when a document is created.
    pub(super) key: Option<String>,
    pub(super) change: Change,
    pub(super) caller: Caller,
    pub(super) options: WriteOptions,
}

/// What happens to the resource.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Create(Document),
    Upsert(Document),
    Patch(Document),
    JsonPatch(Document),
    /// Back to what an older version says.
    Rollback(u64),
    Delete,
    Undelete,
}

impl Change {
    /// Whether it begins with what was judged before, so that nothing is filled in.
    pub(super) fn is_patch(&self) -> bool {
        matches!(self, Change::Patch(_) | Change::JsonPatch(_) | Change::Rollback(_) | Change::Undelete)
    }
}

/// What the passes of one write hand on to each other.
#[derive(Default)]
pub(super) struct Passes {
    /// What a create has made of its document, once for all passes.
    pub(super) made: Option<Result<Made>>,
    /// The namespace that an earlier pass has closed.
    pub(super) closing: Option<Closing>,
    /// What an earlier pass has deleted and others belong to.
    pub(super) cascade: Option<Cascade>,
    /// What it was, for the answer.
    pub(super) deleted: Option<Object>,
    /// Whether the last one only waited for what was committed before it.
    has_waited: bool,
    /// How many there were. After the first one nothing is to be taken for granted.
    count: u32,
}

impl Passes {
    /// The passes of a write that takes nothing for granted from the first one on.
    pub(super) fn again() -> Self {
        Self { count: 1, ..Self::default() }
    }
}

/// One pass of a write over current state.
pub(super) fn pass(inner: &Inner, request: &mut Request, passes: &mut Passes) -> Result<Step<WriteOutcome>> {
    if let Some(closing) = &passes.closing {
        return inner.empty_namespace(closing);
    }
    if let Some(cascade) = &mut passes.cascade {
        let (completion, is_last) = inner.delete_dependents(cascade)?;
        let deleted = passes.deleted.clone().filter(|_| is_last);
        return Ok(match deleted {
            Some(object) => Step::Submitted(completion, WriteOutcome::deleted(object)),
            None => Step::Staged(completion),
        });
    }
    let is_again = passes.count > 0;
    // Held until the commit is judged, which it is before this returns.
    let _turn = (passes.count > turn::LOCK_AFTER_CONFLICTS)
        .then(|| inner.turns.take((&*request.kind.name, request.namespace.as_deref(), request.key.as_deref())));
    passes.count += 1;
    if is_again && matches!(request.change, Change::Delete) && !std::mem::replace(&mut passes.has_waited, false) {
        // What stands in the way may be a reference that is committed and not yet seen by a scan.
        passes.has_waited = true;
        return Ok(Step::Staged(inner.backend.commit(Batch::barrier())));
    }
    let current = match &request.key {
        Some(key) => inner.find(&request.kind, request.namespace.as_deref(), key, View::Pending)?,
        None => None,
    };
    check_version(request, current.as_ref().map(|stored| &stored.record.object.metadata))?;
    match (&request.change, current) {
        (Change::Create(_) | Change::Upsert(_), None) => create(inner, request, &mut passes.made, is_again),
        (Change::Upsert(document), Some(current)) => change(inner, request, document, current),
        (Change::Patch(document), Some(current)) => change(inner, request, document, current),
        (Change::JsonPatch(patch), Some(current)) => {
            let document = amended(&request.kind, patch, &current.record)?;
            change(inner, request, &document, current)
        }
        (Change::Rollback(version), Some(current)) => {
            let document = inner.earlier(request, *version, &current)?;
            change(inner, request, &document, current)
        }
        (Change::Delete, Some(current)) => delete(inner, request, current, passes),
        (Change::Undelete, None) => undelete(inner, request),
        (Change::Undelete, Some(current)) => Err(inner.is_there(request, &current)),
        // A create addresses nothing, so there is nothing that it could have found.
        (Change::Create(_), Some(_)) => Err(Error::bad_request("a create does not address a resource")),
        (Change::Patch(_) | Change::JsonPatch(_) | Change::Rollback(_) | Change::Delete, None) => {
            Err(missing(inner, request)?)
        }
    }
}

fn missing(inner: &Inner, request: &Request) -> Result<Error> {
    let key = request.key.as_deref().unwrap_or_default();
    inner.not_found(&request.kind, request.namespace.as_deref(), key, View::Pending)
}

/// Whether what is there is what the caller expects.
pub(super) fn check_version(request: &Request, actual: Option<&Metadata>) -> Result<()> {
    let Some(expected) = &request.options.expected else { return Ok(()) };
    if matches!(request.change, Change::Create(_)) {
        return Err(Error::bad_request("a create expects no version; leave it out, or use upsert"));
    }
    if expected.holds(actual.map(|metadata| (metadata.id, metadata.resource_version))) {
        return Ok(());
    }
    Err(Error::PreconditionFailed {
        kind: request.kind.name.to_string(),
        key: request.key.clone().unwrap_or_default(),
        expected: expected.to_string(),
        actual: actual.map(|metadata| metadata.resource_version),
    })
}

fn change(inner: &Inner, request: &Request, body: &Document, current: Stored) -> Result<Step<WriteOutcome>> {
    let draft = draft(inner, request, body, Cow::Borrowed(&body.value), Some(&current.record), false)?;
    let now = (inner.clock)();
    let Successor { record, warnings, found } = draft.into_successor(request, &current.record, now);
    if is_same(&record, &current.record) {
        return Ok(Step::Done(WriteOutcome::unchanged(current.record.object, warnings)));
    }
    let mut preconditions = vec![];
    if current.modified == 0 {
        preconditions.extend(inner.enter(request.namespace.as_deref())?);
        preconditions.push(Precondition::Absent(current.key.clone()));
    } else {
        preconditions.push(Precondition::At(current.key.clone(), current.modified));
    }
    preconditions.extend(found.hold(&current.record.targets));
    let (kind, namespace) = (&request.kind, request.namespace.as_deref().unwrap_or_default());
    let mut operations = vec![Operation::Put(current.key.clone(), record::encode(&record))];
    operations.extend(past::kept(kind, namespace, &current, now));
    let (id, old) = (record.object.metadata.id, &current.record.targets);
    operations.extend(reference::operations(kind, namespace, id, old, &record.targets));
    let _noted = inner.note(request, &record.object, &record.selected);
    submit(inner, request, record.object, warnings, Batch { preconditions, operations }, false)
}

/// Commits, unless this is a dry run: that is the only step the two do not share.
pub(super) fn submit(
    inner: &Inner,
    request: &Request,
    object: Object,
    warnings: Vec<Diagnostic>,
    batch: Batch,
    created: bool,
) -> Result<Step<WriteOutcome>> {
    check_size(request, &batch)?;
    let written = WriteOutcome { object, created, changed: true, warnings, revision: None };
    if request.options.dry_run {
        return Ok(Step::Done(written));
    }
    let completion = inner.backend.commit(batch);
    if inner.registry.supplies_defaults(&request.kind) {
        inner.defaults.forget();
    }
    Ok(Step::Submitted(completion, Box::new(move |revision| WriteOutcome { revision: Some(revision), ..written })))
}

/// Whether what is stored is small enough.
pub(super) fn check_size(request: &Request, batch: &Batch) -> Result<()> {
    let sizes = batch.operations.iter().map(|operation| match operation {
        Operation::Put(_, value) => value.len(),
        Operation::Delete(_) => 0,
    });
    match sizes.max() {
        Some(size) if size > MAX_BYTES => {
            let message = format!("would have {size} bytes, and {MAX_BYTES} are the most");
            let problems = vec![Diagnostic::error("", Code::IsInvalid, message)];
            Err(Error::Invalid { kind: request.kind.name.to_string(), problems })
        }
        _ => Ok(()),
    }
}

/// The error for a resource whose state does not allow what is asked.
pub(super) fn blocked(request: &Request, why: &str) -> Error {
    Error::Blocked {
        kind: request.kind.name.to_string(),
        key: request.key.clone().unwrap_or_default(),
        why: why.to_owned(),
        referenced_by: Vec::new(),
    }
}
