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
        let mut deleting = Deleting {
            delete: &self,
            opened: &opened,
            report: Report::new(&self.writing),
            failed: Vec::new(),
            accepted: Vec::new(),
        };
        // Namespaces take their content with them, also what may not be deleted yet: they go when all else is gone.
        let namespace = &opened.kinds.namespace()?.name;
        let (last, first): (Vec<_>, Vec<_>) =
            references.iter().partition(|reference| reference.kind.name == *namespace);
        deleting.rounds(session, first)?;
        let last = deleting.without_kept(session, last);
        deleting.rounds(session, last)?;
        deleting.report.finish(session)?;
        if references.is_empty() {
            session.console.note("nothing to delete");
        }
        let exits: Vec<Exit> = deleting.failed.iter().map(|(_, exit)| *exit).collect();
        Ok(batch::summary(session, &exits, references.len()))
    }
}

/// The deletion of a set, and what became of it so far.
struct Deleting<'r> {
    delete: &'r Delete,
    opened: &'r Opened,
    report: Report,
    failed: Vec<(&'r Reference, Exit)>,
    /// What was deleted, in this order; for a dry run, what would be.
    accepted: Vec<&'r Reference>,
}

impl<'r> Deleting<'r> {
    /// Deletes these, round by round: those that only stood in the way of each other are asked again.
    fn rounds(&mut self, session: &mut Session, mut round: Vec<&'r Reference>) -> Result<()> {
        while !round.is_empty() && !self.is_ended() {
            let before = self.accepted.len();
            let blocked = self.each(session, &round)?;
            let is_stuck = self.accepted.len() == before;
            round = blocked.iter().map(|(reference, _)| *reference).collect();
            if is_stuck {
                blocked.into_iter().for_each(|(reference, failure)| self.refuse(session, reference, &failure));
                break;
            }
        }
        Ok(())
    }

    /// Whether the store cannot be reached: every further write would wait as long.
    fn is_ended(&self) -> bool {
        self.failed.last().is_some_and(|(_, exit)| *exit == Exit::Unavailable)
    }

    fn refuse(&mut self, session: &mut Session, reference: &'r Reference, failure: &Failure) {
        session.console.failure(failure);
        self.failed.push((reference, failure.exit));
    }

    /// The namespaces that may go. One would take with it what was just refused, so it stays with that.
    fn without_kept(&mut self, session: &mut Session, namespaces: Vec<&'r Reference>) -> Vec<&'r Reference> {
        let in_it = |name: &str, failed: &Reference| failed.namespace.as_deref().is_none_or(|other| other == name);
        let (kept, free): (Vec<_>, Vec<_>) = namespaces
            .into_iter()
            .partition(|namespace| self.failed.iter().any(|(failed, _)| in_it(&namespace.key, failed)));
        if self.is_ended() {
            return free;
        }
        for reference in kept {
            let message = format!("{reference} stays: something in it was to be deleted before, and was not");
            self.refuse(session, reference, &Failure::refused(message));
        }
        free
    }

    /// Deletes these, and answers those that others stood in the way of.
    fn each(&mut self, session: &mut Session, references: &[&'r Reference]) -> Result<Vec<(&'r Reference, Failure)>> {
        let mut blocked = Vec::new();
        for reference in references {
            match self.one(reference) {
                Ok(written) => {
                    self.accepted.push(reference);
                    let done = Done { word: "deleted".into(), written };
                    self.report.add(session, &reference.kind, done)?;
                }
                Err(failure) if self.delete.ignore_not_found && failure.is("NotFound") => {}
                Err(failure) if failure.is("Blocked") => blocked.push((*reference, failure)),
                Err(failure) => {
                    self.refuse(session, reference, &failure);
                    if self.is_ended() {
                        break;
                    }
                }
            }
        }
        Ok(blocked)
    }

    fn one(&self, reference: &Reference) -> Result<WriteOutcome> {
        let options = self.delete.writing.options();
        let alone = self.opened.access.write(&Write { action: Action::Delete, reference, text: Text::none(), options });
        match alone {
            // A dry run deleted none of the others.
            Err(failure) if failure.is("Blocked") && options.is_dry_run => self.after_others(reference).ok_or(failure),
            other => other,
        }
    }

    /// The outcome of a deletion after those of its namespace that would be gone by then; none if it is refused then too.
    fn after_others(&self, last: &Reference) -> Option<WriteOutcome> {
        let namespace = last.namespace.as_deref()?;
        let options = Options { is_dry_run: false, ..self.delete.writing.options() };
        let write = |reference| Write { action: Action::Delete, reference, text: Text::none(), options };
        let others = self.accepted.iter().filter(|other| other.namespace == last.namespace);
        let mut writes: Vec<Write<'_>> = others.map(|other| write(*other)).collect();
        writes.push(write(last));
        self.opened.access.commit(namespace, &writes, true).ok()?.pop().map(|committed| committed.written)
    }
}

impl Delete {
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
