//! What a change makes of what there is, judged: nothing is stored here.

use std::borrow::Cow;
use std::sync::Arc;

use super::Inner;
use super::document::{authored, selected, stamp, user_document};
use super::pipeline::{Change, Request, blocked};
use super::record::{Record, Selected};
use super::reference::Found;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;
use crate::object::Timestamp;
use crate::rules::diagnostics::Diagnostics;
use crate::rules::envelope::Caller;
use crate::rules::reference::{Link, links};
use crate::rules::secret::{self, Secrets};
use crate::rules::validate::{self, ValidationContext};
use crate::rules::{guard, immutable, initial, patch, shape};

/// The most that is remarked about one document.
const MAX_WARNINGS: usize = 100;

/// A document that was judged, ready to be stamped.
pub(super) struct Draft {
    pub(super) document: Json,
    pub(super) secrets: Secrets,
    pub(super) warnings: Vec<Diagnostic>,
    /// What the document refers to, and what is there of it.
    pub(super) links: Vec<Link>,
    pub(super) found: Found,
    pub(super) selected: Selected,
}

/// What becomes of a resource by a change to it.
pub(super) struct Successor {
    pub(super) record: Record,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) found: Found,
}

/// Applies the change to what there is and judges the result: all problems at once, or a document ready to be stamped.
/// `from_memory` takes for granted that what it refers to is where it was seen last; the commit says if not.
pub(super) fn draft(
    inner: &Inner,
    request: &Request,
    text: &Document,
    value: Cow<'_, Json>,
    current: Option<&Record>,
    from_memory: bool,
) -> Result<Draft> {
    let mut proposal = propose(request, inner.plain_secrets, value, current)?;
    let layers = inner.layers(request)?;
    let layers: Option<Vec<&Json>> = layers.as_ref().map(|layers| layers.iter().map(|layer| &**layer).collect());
    proposal.judge(request, layers.as_deref());
    let Proposal { links, old_links, .. } = &proposal;
    let mut found = inner.follow(&request.kind, request.namespace.as_deref(), links, old_links, from_memory)?;
    // What is wrong with the member itself comes first.
    found.problems.retain(|problem| proposal.remarks.problems.iter().all(|other| other.pointer != problem.pointer));
    proposal.remarks.problems.append(&mut found.problems);
    let warnings = proposal.verdict(request, text)?;
    inner.ask_targets(request, &proposal.new_links(), &proposal.document)?;
    proposal.settle(request, current, warnings, found)
}

/// The same as far as no store is needed for it: nobody looks for what the document refers to, and nothing is filled in.
pub(super) fn draft_alone(request: &Request, plain_secrets: bool, text: &Document, current: &Record) -> Result<Draft> {
    let mut proposal = propose(request, plain_secrets, Cow::Borrowed(&text.value), Some(current))?;
    proposal.judge(request, None);
    let warnings = proposal.verdict(request, text)?;
    proposal.settle(request, Some(current), warnings, Found::default())
}

/// A document that a change asks for, while it is judged.
struct Proposal {
    document: Json,
    remarks: Diagnostics,
    /// What there is, as the same door sees it.
    old: Option<Json>,
    /// What the document refers to, and what it referred to before.
    links: Vec<Link>,
    old_links: Vec<Link>,
}

/// Applies the change to what there is.
fn propose(request: &Request, plain_secrets: bool, value: Cow<'_, Json>, current: Option<&Record>) -> Result<Proposal> {
    let kind = &request.kind;
    if !kind.secret.is_empty() && !plain_secrets {
        return Err(no_secrets(kind));
    }
    let old = current.map(|record| user_document(kind, record, request.caller));
    let mut remarks = Diagnostics::default();
    let mut document = applied(request, value, old.as_ref())?;
    settle_name(request, current, &mut document, &mut remarks);
    Ok(Proposal { document, remarks, old, links: Vec::new(), old_links: Vec::new() })
}

impl Proposal {
    /// Judges the document against its kind and against what there is; with these defaults, if any are to be filled in.
    fn judge(&mut self, request: &Request, layers: Option<&[&Json]>) {
        let kind = &request.kind;
        let unknown = request.options.field_validation.severity();
        let terms =
            ValidationContext { namespace: request.namespace.as_deref(), caller: request.caller, unknown, layers };
        validate::check_document(kind, &mut self.document, terms, &mut self.remarks);
        if let Some(old) = &self.old {
            self.remarks.problems.extend(immutable::check(kind, &self.document, old));
            self.old_links = links(kind, old);
        }
        self.links = links(kind, &self.document);
    }

    /// What refuses the document, or what is remarked about it.
    fn verdict(&mut self, request: &Request, text: &Document) -> Result<Vec<Diagnostic>> {
        let kind = &request.kind;
        let Diagnostics { mut problems, mut warnings } = std::mem::take(&mut self.remarks);
        problems.extend(validate::unkept(kind, text, &self.document));
        if !problems.is_empty() {
            let problems = validate::placed(kind, text, problems);
            return Err(Error::Invalid { kind: kind.name.to_string(), problems });
        }
        warnings.truncate(MAX_WARNINGS);
        text.locate(&mut warnings);
        Ok(warnings)
    }

    fn new_links(&self) -> Vec<Link> {
        self.links.iter().filter(|link| !self.old_links.contains(link)).cloned().collect()
    }

    /// Lets the state of the resource have its say, and takes apart what is stored apart.
    fn settle(
        self,
        request: &Request,
        current: Option<&Record>,
        warnings: Vec<Diagnostic>,
        found: Found,
    ) -> Result<Draft> {
        let Self { mut document, links, .. } = self;
        if let Some(current) = current {
            check_change(request, current, &document)?;
        } else {
            initial::fill(&request.kind, &mut document);
        }
        let selected = selected(request, &document, current);
        let secrets = secret::take(&request.kind, &mut document);
        Ok(Draft { document, secrets, warnings, links, found, selected })
    }
}

impl Draft {
    /// The next version of a resource.
    pub(super) fn into_successor(self, request: &Request, current: &Record, now: Timestamp) -> Successor {
        let old = &current.object;
        let object = stamp(request, self.document, Some(old), old.metadata.id, now);
        let authored = authored(request, &object, &self.secrets, current);
        let (targets, selected) = (self.found.targets.clone(), self.selected);
        let record = Record { object, secrets: self.secrets, targets, selected, authored };
        Successor { record, warnings: self.warnings, found: self.found }
    }
}

fn no_secrets(kind: &Kind) -> Error {
    let what = format!(
        "this store keeps no {}: no key is configured to encrypt it; start the server with --plain-secrets to keep it in clear",
        kind.name
    );
    Error::NotConfigured { what }
}

/// `Blocked` when the state of the resource does not allow users to change it like this.
fn check_change(request: &Request, current: &Record, document: &Json) -> Result<()> {
    if request.caller == Caller::System || request.kind.changeable_when.is_none() {
        return Ok(());
    }
    match guard::keeps_from_change(&request.kind, &current.object.to_value(), document) {
        Some(why) => Err(blocked(request, why)),
        None => Ok(()),
    }
}

impl Inner {
    /// The defaults of the namespace, unless the change is a patch or asks for none.
    fn layers(&self, request: &Request) -> Result<Option<Vec<Arc<Json>>>> {
        let fills = !request.change.is_patch() && !request.options.without_defaults;
        fills.then(|| self.default_layers(&request.kind, request.namespace.as_deref())).transpose()
    }
}

/// The document that the change asks for, before anybody judged it.
fn applied(request: &Request, value: Cow<'_, Json>, old: Option<&Json>) -> Result<Json> {
    if value.as_object().is_none() {
        let what = if request.change.is_patch() { "a merge patch" } else { "a resource" };
        return Err(Error::bad_request(format!("{what} must be an object here, not {}", value.type_name())));
    }
    // A JSON Patch was applied to an envelope, and what was stored is one.
    let is_whole = matches!(request.change, Change::JsonPatch(_) | Change::Rollback(_) | Change::Undelete);
    let document = if is_whole { value } else { shape::to_envelope(&request.kind, value) };
    let mut document = match (&request.change, old) {
        (Change::Patch(_), Some(old)) => {
            let mut patched = old.clone();
            patch::merge_patch(&mut patched, &document);
            patched
        }
        _ => document.into_owned(),
    };
    if let (Change::Upsert(_), Some(old)) = (&request.change, old) {
        immutable::keep(&request.kind, &mut document, old);
    }
    shape::put_metadata(&mut document);
    Ok(document)
}

/// A document without a name takes the path's; a new one with another name than the path's is refused.
fn settle_name(request: &Request, current: Option<&Record>, document: &mut Json, remarks: &mut Diagnostics) {
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
            remarks.problems.push(Diagnostic::error("/metadata/name", Code::IsInvalid, message));
        }
        Some(_) => {}
    }
}
