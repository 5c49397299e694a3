//! `kindstore delete`: removes resources by name, by label or by the documents that made them.

use std::collections::HashSet;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::kind::Verb;

use super::access::{Action, Collection, Options, Reference, Text, Write, WriteOutcome};
use super::batch::{self, Done, Report, Writing};
use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::get;
use super::manifest::Item;
use super::run::Run;
use super::selector::Selection;
use super::session::{Opened, Purpose, Session};
use super::source::{self, Files};
use super::words::{self, Meant};

#[derive(Args)]
pub(crate) struct Delete {
    /// KIND NAME..., KIND/NAME..., or KIND with -l or --all
    #[arg(value_name = "WHAT", required_unless_present = "filename", conflicts_with = "filename",
        add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    selection: Selection,
    /// All resources of the kind
    #[arg(long, conflicts_with_all = ["filename", "labels", "fields"])]
    all: bool,
    /// Be content when a resource is not there
    #[arg(long)]
    ignore_not_found: bool,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
Documents of files are deleted in reverse order: what was made last goes first.

Examples:
  kindstore delete deploy clicks
  kindstore delete deploy/clicks target/jobs --ignore-not-found
  kindstore delete deploy -l team=web --dry-run
  kindstore delete -f shop/";

impl Run for Delete {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let is_named = self.files.filename.is_empty();
        if !is_named && self.selection.is_given() {
            return Err(Failure::usage(
                "-l and --field-selector go with kinds; leave out -f, or leave out the selectors",
            ));
        }
        let input = if is_named { None } else { Some(source::input(&self.files)?) };
        let opened = session.open(Purpose::Read)?;
        let references = match input {
            Some(input) => {
                let items = source::items(session, &opened, input)?;
                in_files(session, items)?
            }
            None => self.meant(&opened, &session.namespace()?)?,
        };
        let mut report = Report::new(&self.writing);
        let mut failed = Vec::new();
        // Namespaces take their content with them, also what may not be deleted yet: they go when all else is gone.
        let namespace = &opened.kinds.namespace()?.name;
        let (last, first): (Vec<_>, Vec<_>) =
            references.iter().partition(|reference| reference.kind.name == *namespace);
        for round in [first, last] {
            self.rounds(session, &opened, round, (&mut report, &mut failed))?;
        }
        report.finish(session)?;
        if references.is_empty() {
            session.console.note("nothing to delete");
        }
        Ok(batch::summary(session, &failed, references.len()))
    }
}

impl Delete {
    /// Deletes these, round by round: those that only stood in the way of each other are asked again.
    fn rounds(
        &self,
        session: &mut Session,
        opened: &Opened,
        mut round: Vec<&Reference>,
        (report, failed): (&mut Report, &mut Vec<Exit>),
    ) -> Result<()> {
        let all = round.clone();
        while !round.is_empty() && failed.last() != Some(&Exit::Unavailable) {
            let blocked = self.each(session, opened, &round, (report, failed))?;
            let is_stuck = blocked.len() == round.len() || self.writing.is_dry_run();
            round = blocked.iter().map(|(reference, _)| *reference).collect();
            if !is_stuck {
                continue;
            }
            for (reference, failure) in &blocked {
                // A dry run deleted none of the others.
                match self.after_others(opened, &all, reference) {
                    Some(written) if self.writing.is_dry_run() => {
                        self.report_deleted(session, report, reference, written)?;
                    }
                    _ => {
                        session.console.failure(failure);
                        failed.push(failure.exit);
                    }
                }
            }
            return Ok(());
        }
        Ok(())
    }

    /// The outcome of a deletion after all others of its namespace that go before it; none if it is refused then too.
    fn after_others(&self, opened: &Opened, all: &[&Reference], last: &Reference) -> Option<WriteOutcome> {
        let namespace = last.namespace.as_deref().filter(|_| self.writing.is_dry_run())?;
        let is_meant = |other: &&&Reference| other.namespace == last.namespace && !std::ptr::eq(**other, last);
        let options = Options { is_dry_run: false, ..self.writing.options() };
        let write = |reference| Write { action: Action::Delete, reference, text: Text::none(), options };
        let mut writes: Vec<Write<'_>> = all.iter().filter(is_meant).map(|other| write(*other)).collect();
        writes.push(write(last));
        opened.access.commit(namespace, &writes, true).ok()?.pop().map(|committed| committed.written)
    }

    /// Deletes these, and answers those that others stood in the way of.
    fn each<'r>(
        &self,
        session: &mut Session,
        opened: &Opened,
        references: &[&'r Reference],
        (report, failed): (&mut Report, &mut Vec<Exit>),
    ) -> Result<Vec<(&'r Reference, Failure)>> {
        let mut blocked = Vec::new();
        for reference in references {
            let options = self.writing.options();
            let write = Write { action: Action::Delete, reference, text: Text::none(), options };
            match opened.access.write(&write) {
                Ok(written) => self.report_deleted(session, report, reference, written)?,
                Err(failure) if self.ignore_not_found && failure.is("NotFound") => {}
                Err(failure) if failure.is("Blocked") => blocked.push((*reference, failure)),
                Err(failure) => {
                    session.console.failure(&failure);
                    failed.push(failure.exit);
                    if failure.exit == Exit::Unavailable {
                        break;
                    }
                }
            }
        }
        Ok(blocked)
    }

    fn report_deleted(
        &self,
        session: &mut Session,
        report: &mut Report,
        reference: &Reference,
        written: WriteOutcome,
    ) -> Result<()> {
        report.add(session, &reference.kind, Done { word: "deleted".into(), written })
    }

    fn meant(&self, opened: &Opened, namespace: &str) -> Result<Vec<Reference>> {
        let is_open = self.selection.is_given() || self.all;
        match words::read(&self.what, &opened.kinds)? {
            Meant::Some(_) if is_open => Err(Failure::usage("names go without -l and --all")),
            Meant::Some(named) => Ok(named.iter().map(|(kind, key)| words::reference(kind, namespace, key)).collect()),
            Meant::All(_) if !is_open && self.selection.has_blank() => {
                Err(Failure::usage("the selector is empty, and an empty one selects nothing to delete")
                    .hint("is a variable not set? --all deletes all resources of the kind"))
            }
            Meant::All(_) if self.selection.has_blank() => {
                Err(Failure::usage("one of the selectors is empty, so that more would be deleted than was meant")
                    .hint("is a variable not set? leave the selector out if it is not needed"))
            }
            Meant::All(_) if !is_open => {
                Err(Failure::usage("name what to delete: KIND NAME, KIND/NAME, or KIND with -l or --all"))
            }
            Meant::All(kinds) => {
                self.selection.check_exclusions()?;
                let mut references = Vec::new();
                for kind in &kinds {
                    let objects = get::list(opened, &Collection::of(kind, namespace), &self.selection)?;
                    references.extend(objects.iter().map(|object| Reference::of(kind, object)));
                }
                Ok(references)
            }
        }
    }
}

/// Returns the resources of the documents of files, the last first.
fn in_files(session: &mut Session, items: Vec<Item>) -> Result<Vec<Reference>> {
    // The only one of its kind cannot be deleted, and must not keep the rest of its set from it.
    let (items, always): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| {
        let kind = &item.reference.kind;
        !kind.is_singleton() || kind.allows(Verb::Delete)
    });
    for item in &always {
        session.console.note(&format!("{} stays as it is: there is always one", item.reference));
    }
    let reference = |item: Item| match item.reference.key.is_empty() {
        true => Err(item.manifest.locate(batch::nameless(&item, "delete"))),
        false => Ok(item.reference),
    };
    // The opposite of the order in which they are applied: what refers to others stands behind them.
    let mut references = items.into_iter().rev().map(reference).collect::<Result<Vec<_>>>()?;
    // Of documents about one resource the first deletes it.
    let mut seen = HashSet::new();
    references.retain(|it| seen.insert((it.kind.name.clone(), it.namespace.clone(), it.key.clone())));
    Ok(references)
}
