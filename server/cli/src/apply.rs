//! `kindstore apply`: makes resources be as their documents say, whether they are there already or not.

use clap::Args;
use kindstore::kind::{KeyScheme, Verb};

use super::access::{Access, Action, Look, Options, Write};
use super::atomic;
use super::batch::{self, Done, Writing};
use super::failure::{Exit, Result};
use super::manifest::Item;
use super::present::{applied_by_id, present, unchanged};
use super::rehearsal::{self, Means};
use super::run::Run;
use super::session::{Purpose, Session};
use super::source::{self, Files};

#[derive(Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    files: Files,
    /// Create the namespaces that do not exist
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
        let opened = session.open(Purpose::of_write(self.writing.is_dry_run()))?;
        let mut items = source::items(session, &opened, input)?;
        if self.atomic {
            // Before namespaces are made, which stay.
            atomic::check(&items)?;
        }
        let made = match self.create_namespace {
            true => batch::make_namespaces(session, &opened, &items, &self.writing)?,
            false => Vec::new(),
        };
        if self.atomic {
            if self.writing.is_dry_run() {
                items = batch::without(session, items, &made, &self.writing)?;
            }
            let applied = atomic::apply(session, &opened, &items, &self.writing);
            if applied.is_err() && !self.writing.is_dry_run() {
                made.iter()
                    .for_each(|name| session.console.note(&format!("namespace/{name} was made before, and stays")));
            }
            return applied;
        }
        source::remark_twice(session, &items);
        if self.writing.is_dry_run() {
            return rehearsal::run(session, &opened, (&items, &made), &self.writing, &MEANS);
        }
        let options = self.writing.options();
        batch::each(session, &items, &self.writing, |item| apply(opened.access.as_ref(), item, options))
    }
}

/// How dry runs judge what is applied.
pub(crate) const MEANS: Means<'static> = Means { one: &apply, plan: &atomic::write };

/// Applies one document by the means that its kind has.
pub(crate) fn apply(access: &dyn Access, item: &Item, options: Options) -> Result<Done> {
    let kind = &item.reference.kind;
    // A dry run stores no revision, so only the version shows whether it would change anything.
    let before = if options.is_dry_run { present(access, item)? } else { None };
    let write =
        |action| access.write(&Write { action, reference: &item.reference, text: item.manifest.text(), options });
    let has_key = !item.reference.key.is_empty();
    let written = match kind.key {
        // The only one of its kind exists before it is written, so there is nothing to create.
        KeyScheme::Singleton => write(Action::Patch)?,
        KeyScheme::Name if has_key && kind.allows(Verb::Upsert) => write(Action::Upsert)?,
        KeyScheme::Id if kind.allows(Verb::Create) => return applied_by_id(access, item),
        // Create first and patch on AlreadyExists: to look before would race with other clients.
        _ => match write(Action::Create) {
            // As a new one it is not valid. What is there may have what the document leaves out, such as a secret.
            Err(failure) if failure.is("Invalid") && kind.allows(Verb::Patch) && present(access, item)?.is_some() => {
                write(Action::Patch)?
            }
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
