//! What a change makes of what there is, judged: nothing is stored here.

use std::borrow::Cow;

use super::Inner;
use super::document::{selected, user_document};
use super::pipeline::{Change, Request, blocked};
use super::record::{Record, Selected};
use super::reference::Found;
use crate::diagnostic::{Code, Diagnostic, shown};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kind::Kind;
use crate::manifest::Document;
use crate::rules::envelope::{Door, Remarks};
use crate::rules::reference::{Link, links};
use crate::rules::secret::{self, Secrets};
use crate::rules::validate::{self, Terms};
use crate::rules::{guard, immutable, initial, patch, shape};

/// The most that is remarked about one document.
const MOST_WARNINGS: usize = 100;

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
    let kind = &request.kind;
    if !kind.secret.is_empty() && !inner.plain_secrets {
        return Err(no_secrets(kind));
    }
    let old = current.map(|record| user_document(kind, record, request.door));
    let mut remarks = Remarks::default();
    let mut document = applied(request, value, old.as_ref())?;
    settle_name(request, current, &mut document, &mut remarks);
    inner.judge(request, &mut document, &mut remarks)?;
    let mut old_links = Vec::new();
    if let Some(old) = &old {
        remarks.problems.extend(immutable::judge(kind, &document, old));
        old_links = links(kind, old);
    }
    let links = links(kind, &document);
    let mut found = inner.follow(kind, request.namespace.as_deref(), &links, &old_links, from_memory)?;
    // What is wrong with the member itself comes first.
    found.problems.retain(|problem| remarks.problems.iter().all(|other| other.pointer != problem.pointer));
    remarks.problems.append(&mut found.problems);
    remarks.problems.extend(validate::unkept(kind, text, &document));
    if !remarks.problems.is_empty() {
        let problems = validate::placed(kind, text, remarks.problems);
        return Err(Error::Invalid { kind: kind.name.to_string(), problems });
    }
    let mut warnings = remarks.warnings;
    warnings.truncate(MOST_WARNINGS);
    text.locate(&mut warnings);
    let new_links: Vec<_> = links.iter().filter(|link| !old_links.contains(link)).cloned().collect();
    inner.ask_targets(request, &new_links, &document)?;
    if let Some(current) = current {
        check_change(request, current, &document)?;
    } else {
        initial::fill(kind, &mut document);
    }
    let selected = selected(request, &document, current);
    let secrets = secret::take(kind, &mut document);
    Ok(Draft { document, secrets, warnings, links, found, selected })
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
    if request.door == Door::System || request.kind.changeable_when.is_none() {
        return Ok(());
    }
    match guard::keeps_from_change(&request.kind, &current.object.to_value(), document) {
        Some(why) => Err(blocked(request, why)),
        None => Ok(()),
    }
}

impl Inner {
    /// Judges a document against its kind; with the defaults of its namespace, unless it is a patch or asks for none.
    fn judge(&self, request: &Request, document: &mut Json, remarks: &mut Remarks) -> Result<()> {
        let fills = !request.change.is_patch() && !request.options.without_defaults;
        let namespace = request.namespace.as_deref();
        let layers = if fills { Some(self.default_layers(&request.kind, namespace)?) } else { None };
        let layers: Option<Vec<&Json>> = layers.as_ref().map(|layers| layers.iter().map(|layer| &**layer).collect());
        let unknown = request.options.field_validation.severity();
        let terms = Terms { namespace, door: request.door, unknown, layers: layers.as_deref() };
        validate::judge(&request.kind, document, terms, remarks);
        Ok(())
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
fn settle_name(request: &Request, current: Option<&Record>, document: &mut Json, remarks: &mut Remarks) {
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
