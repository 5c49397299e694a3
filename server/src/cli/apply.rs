//! `kindstore apply`: makes resources be as their documents say, whether they are there already or not.

use clap::Args;
use kindstore::{Json, KeyScheme, Object, Verb, merge_patch};

use super::access::{Access, Action, Look, Options, Write, WriteOutcome};
use super::batch::{self, Done, Writing};
use super::failure::{Exit, Failure, Result};
use super::manifest::Item;
use super::session::{Purpose, Session};
use super::source::{self, Files};
use super::{Run, atomic};

#[derive(Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    files: Files,
    /// Make the namespaces that are not there
    #[arg(long)]
    create_namespace: bool,
    /// Store all of it, or nothing: one transaction in one namespace, of at most 1,000 documents
    #[arg(long)]
    atomic: bool,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  kindstore apply -f deployment.yaml
  kindstore apply -f shop/ -R -n shop --create-namespace
  kindstore apply -f shop.yaml --dry-run
  kindstore apply -f shop/ --atomic
  cat shop.yaml | kindstore apply -f -";

impl Run for Apply {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let input = source::input(&self.files)?;
        let opened = session.open(Purpose::Write)?;
        let mut items = source::items(session, &opened, input)?;
        if self.create_namespace {
            let missing = batch::make_namespaces(session, &opened, &items, &self.writing)?;
            items = batch::without(session, items, &missing, &self.writing)?;
        }
        if self.atomic {
            return atomic::apply(session, &opened, &items, &self.writing);
        }
        let options = self.writing.options();
        batch::each(session, &items, &self.writing, |item| apply(opened.access.as_ref(), item, options))
    }
}

/// Applies one document by the means that its kind has.
pub(crate) fn apply(access: &dyn Access, item: &Item, options: Options) -> Result<Done> {
    let kind = &item.reference.kind;
    let before = if options.is_dry_run { present(access, item)? } else { None };
    let write =
        |action| access.write(&Write { action, reference: &item.reference, text: item.manifest.text(), options });
    let has_key = !item.reference.key.is_empty();
    let written = match kind.key {
        KeyScheme::Singleton => write(Action::Patch)?,
        KeyScheme::Name if has_key && kind.allows(Verb::Upsert) => write(Action::Upsert)?,
        KeyScheme::Id if kind.allows(Verb::Create) => return applied_by_id(access, item),
        _ => match write(Action::Create) {
            Err(failure) if failure.is("AlreadyExists") && kind.allows(Verb::Patch) => write(Action::Patch)?,
            Err(failure) if failure.is("AlreadyExists") => {
                return unchanged(access.get(&item.reference, Look::default())?, item);
            }
            other => other?,
        },
    };
    let was_changed = match &before {
        Some(before) => before.metadata.resource_version != written.object.metadata.resource_version,
        None => options.is_dry_run || written.was_stored,
    };
    let word = match (written.was_created, was_changed) {
        (true, _) => "created",
        (false, true) => "configured",
        (false, false) => "unchanged",
    };
    Ok(Done { word: word.into(), written })
}

/// The resource as it is, if it is there.
pub(crate) fn present(access: &dyn Access, item: &Item) -> Result<Option<Object>> {
    let reference = &item.reference;
    if !reference.kind.allows(Verb::Get) || (reference.key.is_empty() && !reference.kind.is_singleton()) {
        return Ok(None);
    }
    match access.get(reference, Look::default()) {
        Ok(object) => Ok(Some(object)),
        Err(failure) if failure.is("NotFound") => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Resources without names have ids that the store gives: one that is there can be compared, a new one cannot be told
/// from one that was applied before.
fn applied_by_id(access: &dyn Access, item: &Item) -> Result<Done> {
    match present(access, item)? {
        Some(object) => unchanged(object, item),
        None => Err(batch::nameless(item, "apply").hint("`kindstore create -f` makes a new one each time")),
    }
}

/// A resource that cannot be changed is as it should be, or it is refused.
pub(crate) fn unchanged(object: Object, item: &Item) -> Result<Done> {
    if differs(&object, item.manifest.value()) {
        let kind = &item.reference.kind;
        let verbs = kind.verb_names();
        let message = format!("{} {:?} is there and differs", kind.name, item.reference.key);
        return Err(Failure::new("AlreadyExists", message)
            .hint(format!("a {} cannot be changed, it supports {verbs}", kind.name)));
    }
    let written = WriteOutcome { object, was_created: false, was_stored: false, warnings: Vec::new() };
    Ok(Done { word: "unchanged".into(), written })
}

/// Whether a document says anything that the resource does not.
fn differs(object: &Object, document: &Json) -> bool {
    let mut wanted = document.clone();
    // What belongs to the store is not the document's to say.
    if let Json::Object(members) = &mut wanted {
        members.remove("status");
    }
    if let Some(Json::Object(metadata)) = wanted.get_mut("metadata") {
        metadata.retain(|name, _| !["id", "createdAt", "modifiedAt", "resourceVersion"].contains(&name.as_str()));
    }
    let before = object.to_value();
    let mut after = before.clone();
    merge_patch(&mut after, &wanted);
    after != before
}
