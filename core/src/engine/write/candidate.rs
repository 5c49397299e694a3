//! The candidate of a write: the document that a change would store, and its validation. Nothing is stored here.

use std::borrow::Cow;

use super::reference::{Found, Links};
use super::request::{Change, Request};
use super::stage::Lookups;
use super::writer::Writer;
use crate::diagnostic::{Code, Diagnostic, shown, sort_by_place};
use crate::engine::stored::Record;
use crate::engine::stored::document::{Stamp, authored, selected, stamp, user_document};
use crate::engine::stored::record::Selected;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;
use crate::object::Timestamp;
use crate::rules::diagnostics::Diagnostics;
use crate::rules::envelope::Caller;
use crate::rules::envelope::ValidationContext;
use crate::rules::reference::{Link, links};
use crate::rules::secret::{self, Secrets};
use crate::rules::shape::Form;
use crate::rules::validate;
use crate::rules::{guard, immutable, initial, labels, patch, shape};

/// The most warnings about one document.
const MAX_WARNINGS: usize = 100;

/// A valid document, ready to be stamped with id, times and version.
pub(crate) struct ValidatedCandidate {
    pub(crate) document: Json,
    pub(crate) secrets: Secrets,
    pub(crate) warnings: Vec<Diagnostic>,
    /// The references of the document, and their targets.
    pub(crate) links: Vec<Link>,
    pub(crate) found: Found,
    pub(crate) selected: Selected,
    /// The form in which the document came.
    pub(crate) form: Form,
}

/// The next version of a resource.
pub(crate) struct Successor {
    pub(crate) record: Record,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) found: Found,
}

/// The document of a change: its value, and the text that places of problems refer to.
pub(crate) struct Input<'a> {
    pub(crate) text: &'a Document,
    pub(crate) value: Cow<'a, Json>,
}

/// Applies a change to the current record and validates the result against its kind, the current record and the store.
///
/// # Errors
/// `Invalid` with all problems at once; `Blocked`, `NotConfigured`, `BadRequest`.
pub(super) fn validated(
    writer: &Writer,
    request: &Request,
    Input { text, value }: Input<'_>,
    current: Option<&Record>,
    lookups: Lookups,
) -> Result<ValidatedCandidate> {
    let mut candidate = Candidate::new(request, writer.plain_secrets, value, current)?;
    let layers = writer.default_layers(request)?;
    let layers: Option<Vec<&Json>> = layers.as_ref().map(|layers| layers.iter().map(|layer| &**layer).collect());
    candidate.validate(request, layers.as_deref());
    let links = Links { new: &candidate.links, old: &candidate.old_links };
    let mut found = writer.follow(request.collection(), links, lookups)?;
    // A problem with the member itself says more than that it refers to nothing.
    let problems = &mut candidate.diagnostics.problems;
    found.problems.retain(|problem| problems.iter().all(|other| other.pointer != problem.pointer));
    problems.append(&mut found.problems);
    let warnings = candidate.refuse_problems(request, text)?;
    // After the problems: the state of a target matters only to a document that could be stored.
    candidate.diagnostics.problems = writer.unfit_targets(request, &candidate.new_links(), &candidate.document)?;
    if !candidate.diagnostics.problems.is_empty() {
        candidate.refuse_problems(request, text)?;
    }
    candidate.finish(request, current, warnings, found)
}

/// Validates as far as no store is needed: references are not followed, and no defaults are filled in.
pub(crate) fn validated_alone(
    request: &Request,
    plain_secrets: bool,
    text: &Document,
    current: &Record,
) -> Result<ValidatedCandidate> {
    let mut candidate = Candidate::new(request, plain_secrets, Cow::Borrowed(&text.value), Some(current))?;
    candidate.validate(request, None);
    let warnings = candidate.refuse_problems(request, text)?;
    candidate.finish(request, Some(current), warnings, Found::default())
}

/// The document that a change asks for, before it is validated.
struct Candidate {
    document: Json,
    diagnostics: Diagnostics,
    /// The current state, as the same caller writes it; of a resource that is patched only what the change is compared with.
    old: Option<Json>,
    /// The references of the document, and of its older version.
    links: Vec<Link>,
    old_links: Vec<Link>,
    /// The form in which the document came.
    form: Form,
}

impl Candidate {
    /// Applies the change to the current state.
    fn new(request: &Request, plain_secrets: bool, value: Cow<'_, Json>, current: Option<&Record>) -> Result<Self> {
        let kind = &request.kind;
        if !kind.secret.is_empty() && !plain_secrets {
            return Err(no_secrets(kind));
        }
        let old = current.map(|record| user_document(kind, record, request.caller));
        let mut diagnostics = Diagnostics::default();
        let form = if is_whole(&request.change) { Form::Envelope } else { Form::of(kind, &value) };
        let (mut document, old) = applied(request, value, old)?;
        name_by_path(request, current, &mut document, &mut diagnostics);
        Ok(Self { document, diagnostics, old, links: Vec::new(), old_links: Vec::new(), form })
    }

    /// Validates the document against its kind and its older version; with these defaults, if any are to be filled in.
    fn validate(&mut self, request: &Request, layers: Option<&[&Json]>) {
        let kind = &request.kind;
        let unknown = request.options.field_validation.severity();
        let terms =
            ValidationContext { namespace: request.namespace.as_deref(), caller: request.caller, unknown, layers };
        validate::check_document(kind, &mut self.document, terms, &mut self.diagnostics);
        // A resource comes back as it was deleted, also one with labels from before their bounds.
        if !matches!(request.change, Change::Undelete) {
            self.diagnostics.problems.extend(labels::check(&self.document, self.old.as_ref()));
        }
        if let Some(old) = &self.old {
            self.diagnostics.problems.extend(immutable::check(kind, &self.document, old));
            self.old_links = links(kind, old);
        }
        self.links = links(kind, &self.document);
    }

    /// Returns the warnings of a document without problems.
    ///
    /// # Errors
    /// `Invalid` with every problem at its place in the text.
    fn refuse_problems(&mut self, request: &Request, text: &Document) -> Result<Vec<Diagnostic>> {
        let kind = &request.kind;
        let Diagnostics { mut problems, mut warnings } = std::mem::take(&mut self.diagnostics);
        problems.extend(validate::unkept(kind, text, &self.document));
        if !problems.is_empty() {
            let problems = validate::placed(kind, text, self.form, problems);
            return Err(Error::Invalid { kind: kind.name.to_string(), problems });
        }
        warnings.truncate(MAX_WARNINGS);
        self.form.restore(kind, &mut warnings);
        text.locate(&mut warnings);
        sort_by_place(&mut warnings);
        Ok(warnings)
    }

    fn new_links(&self) -> Vec<Link> {
        self.links.iter().filter(|link| !self.old_links.contains(link)).cloned().collect()
    }

    /// Checks that the state of the resource allows the change, and takes out the parts that are stored apart.
    fn finish(
        self,
        request: &Request,
        current: Option<&Record>,
        warnings: Vec<Diagnostic>,
        found: Found,
    ) -> Result<ValidatedCandidate> {
        let Self { mut document, links, form, .. } = self;
        if let Some(current) = current {
            check_change(request, current, &document)?;
        } else {
            initial::fill(&request.kind, &mut document);
        }
        let selected = selected(&request.kind, request.caller, &document, current);
        // Last, when every check has seen the whole document.
        let secrets = secret::take(&request.kind, &mut document);
        Ok(ValidatedCandidate { document, secrets, warnings, links, found, selected, form })
    }
}

impl ValidatedCandidate {
    /// Returns the next version of a resource.
    pub(crate) fn into_successor(self, request: &Request, current: &Record, now: Timestamp) -> Successor {
        let old = &current.object;
        let stamped = Stamp { id: old.metadata.id, now, old: Some(old) };
        let object = stamp(request.collection(), request.caller, self.document, stamped);
        let authored = authored(request.caller, &object, &self.secrets, current);
        let (targets, selected) = (self.found.targets.clone(), self.selected);
        let unknown = current.unknown.clone();
        let record = Record { object, secrets: self.secrets, targets, selected, authored, unknown };
        Successor { record, warnings: self.warnings, found: self.found }
    }
}

fn no_secrets(kind: &Kind) -> Error {
    let what = format!(
        "no key for secrets is configured, so a {} cannot be stored; open the store with plain secrets to keep it unencrypted",
        kind.name
    );
    Error::NotConfigured { what }
}

/// Checks that the state of the resource allows users to change it like this.
///
/// # Errors
/// `Blocked`.
fn check_change(request: &Request, current: &Record, document: &Json) -> Result<()> {
    if request.caller == Caller::System || request.kind.changeable_when.is_none() {
        return Ok(());
    }
    match guard::keeps_from_change(&request.kind, &current.object.to_value(), document) {
        Some(why) => Err(request.blocked(why)),
        None => Ok(()),
    }
}

/// Returns the document that the change asks for, not validated yet, and the current state to compare it with.
fn applied(request: &Request, value: Cow<'_, Json>, old: Option<Json>) -> Result<(Json, Option<Json>)> {
    if value.as_object().is_none() {
        let what = if request.change.is_patch() { "a merge patch" } else { "a resource" };
        return Err(Error::bad_request(format!("{what} must be an object here, not {}", value.type_name())));
    }
    let document = if is_whole(&request.change) { value } else { shape::to_envelope(&request.kind, value) };
    let (mut document, old) = match (&request.change, old) {
        (Change::Patch(_), Some(mut patched)) => {
            // A copy of the whole would take longer than the patch.
            let old = compared(&request.kind, &patched);
            patch::merge_patch(&mut patched, &document);
            (patched, Some(old))
        }
        (_, old) => (document.into_owned(), old),
    };
    if let (Change::Upsert(_), Some(old)) = (&request.change, &old) {
        immutable::keep(&request.kind, &mut document, old);
    }
    shape::put_metadata(&mut document);
    Ok((document, old))
}

/// Returns the members of a document that a change of it is compared with.
fn compared(kind: &Kind, document: &Json) -> Json {
    let mut compared = Json::object();
    let references = kind.references.iter().map(|reference| &*reference.pointer);
    for pointer in immutable::pointers(kind).chain(references).chain([labels::LABELS]) {
        if let Some(value) = document.at(pointer) {
            immutable::put(&mut compared, pointer, value.clone());
        }
    }
    compared
}

/// Whether the document of a change is an envelope in any case.
// A JSON Patch was applied to an envelope, and stored documents are envelopes: only a sent document may be flat.
fn is_whole(change: &Change) -> bool {
    matches!(change, Change::JsonPatch(_) | Change::Rollback(_) | Change::Undelete)
}

/// Gives a document without a name the name in the path. A new one with another name is a problem.
fn name_by_path(request: &Request, current: Option<&Record>, document: &mut Json, diagnostics: &mut Diagnostics) {
    if !request.kind.has_name() || !matches!(request.change, Change::Upsert(_)) {
        return;
    }
    let name = match current {
        Some(record) => record.object.metadata.name.as_deref(),
        None => request.key.as_deref(),
    };
    let (Some(name), Some(Json::Object(metadata))) = (name, document.get_mut("metadata")) else { return };
    match metadata.get("name") {
        None | Some(Json::Null) => {
            metadata.insert("name".to_owned(), Json::from(name));
        }
        Some(Json::String(given)) if current.is_none() && given != name => {
            let message = format!("must be {name:?} as in the path, not {:?}", shown(given));
            diagnostics.problems.push(Diagnostic::error("/metadata/name", Code::IsInvalid, message));
        }
        Some(_) => {}
    }
}
