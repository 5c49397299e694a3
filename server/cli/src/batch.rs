//! Writes of many documents: one after the other, going on after errors, with a bar when it takes long.

use std::borrow::Cow;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCompleter;
use indicatif::{ProgressBar, ProgressStyle};
use kindstore::{FieldValidation, Json, Object};

use super::access::{Action, Look, Options, Reference, Text, Write, WriteOutcome};
use super::candidates;
use super::console::{CAUTION, GOOD};
use super::failure::{Exit, Failure, Problem, Result};
use super::kind::Kind;
use super::manifest::Item;
use super::output::{self, Form, Found};
use super::safe;
use super::session::{Opened, Session};
use super::words;

/// From how many documents on a bar shows how far it is.
const MANY: usize = 20;

/// The options of every command that writes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Writing {
    /// Run every step but the last: the answer is that of the real write, and nothing is stored
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "server",
        value_parser = ["server", "none"], hide_possible_values = true)]
    dry_run: Option<String>,
    /// The output instead of a line for each resource: name, yaml, json or jsonpath='{.metadata.name}'
    #[arg(short, long, value_name = "FORM", value_parser = form, add = ArgValueCompleter::new(candidates::written_forms))]
    output: Option<Form>,
    #[command(flatten)]
    fields: Fields,
}

/// The option for members that a kind does not know.
#[derive(Args, Clone, Debug)]
pub(crate) struct Fields {
    /// How to treat members that the kind does not know: strict refuses them, warn reports them, ignore drops them
    #[arg(long, value_name = "HOW", default_value = "warn", value_parser = ["strict", "warn", "ignore"],
        hide_possible_values = true)]
    validate: String,
}

impl Fields {
    pub(crate) fn validation(&self) -> FieldValidation {
        match self.validate.as_str() {
            "strict" => FieldValidation::Strict,
            "ignore" => FieldValidation::Ignore,
            _ => FieldValidation::Warn,
        }
    }
}

/// The forms for what was written; a table is none.
fn form(text: &str) -> std::result::Result<Form, String> {
    match output::form(text) {
        Ok(Form::Table | Form::Wide) | Err(_) if !text.starts_with("jsonpath=") => {
            Err("the forms are name, yaml, json and jsonpath='{.metadata.name}'".to_owned())
        }
        other => other,
    }
}

impl Writing {
    pub(crate) fn is_dry_run(&self) -> bool {
        // `none` is the word of scripts that pass the option always; kubectl takes it too.
        self.dry_run.as_deref().is_some_and(|place| place == "server")
    }

    pub(crate) fn options(&self) -> Options {
        Options { expected: None, is_dry_run: self.is_dry_run(), fields: self.fields.validation() }
    }
}

/// The outcome for one resource.
pub(crate) struct Done {
    /// `created`, `configured`, `unchanged`...
    pub(crate) word: Cow<'static, str>,
    pub(crate) written: WriteOutcome,
}

/// The words after which nothing is different.
const QUIET: [&str; 2] = ["unchanged", "not checked"];

/// The output about writes: as they happen, or all together at the end.
pub(crate) struct Report {
    writing: Writing,
    found: Vec<(Arc<Kind>, Object)>,
}

impl Report {
    pub(crate) fn new(writing: &Writing) -> Self {
        Self { writing: writing.clone(), found: Vec::new() }
    }

    /// Reports the outcome for a resource.
    pub(crate) fn add(&mut self, session: &mut Session, kind: &Arc<Kind>, done: Done) -> Result<()> {
        if self.writing.output.is_none() {
            self.say(session, &Reference::of(kind, &done.written.object), &done.word)?;
        }
        self.found.push((Arc::clone(kind), done.written.object));
        Ok(())
    }

    /// Prints a line about a resource.
    pub(crate) fn say(&self, session: &mut Session, reference: &Reference, word: &str) -> Result<()> {
        let style = if QUIET.contains(&word) { CAUTION } else { GOOD };
        let suffix = if self.writing.is_dry_run() { " (dry run)" } else { "" };
        Ok(session.console.line(&format!("{} {style}{word}{style:#}{suffix}", safe::shown(&reference.to_string())))?)
    }

    /// Prints the output of the end.
    pub(crate) fn finish(self, session: &mut Session) -> Result<()> {
        let Some(form) = &self.writing.output else { return Ok(()) };
        if self.found.is_empty() {
            return Ok(());
        }
        let found = Found { is_single: self.found.len() == 1, items: self.found };
        Ok(session.console.document(&output::render(form, &found)?)?)
    }
}

/// Does something to every document.
// A document that waits for others comes again after them, as long as each round gets further. An unreachable server
// ends the command: every further write would wait for its timeout.
pub(crate) fn each(
    session: &mut Session,
    items: &[Item],
    writing: &Writing,
    mut step: impl FnMut(&Item) -> Result<Done>,
) -> Result<Exit> {
    let bar = bar(session, items.len());
    let mut report = Report::new(writing);
    let mut failed = Vec::new();
    let mut round: Vec<&Item> = items.iter().collect();
    while !round.is_empty() {
        let mut waiting = Vec::new();
        for item in &round {
            match step(item).map_err(|failure| item.manifest.locate(failure)) {
                Ok(done) => bar.suspend(|| report_item(session, &mut report, item, done))?,
                Err(failure) if waits_for_others(&failure, item, items) => waiting.push((*item, failure)),
                Err(failure) => bar.suspend(|| failed.push(refuse(session, &failure))),
            }
            bar.set_position((items.len() - waiting.len()) as u64);
            // Every further write would wait for the same timeout.
            if failed.last() == Some(&Exit::Unavailable) {
                waiting.clear();
                break;
            }
        }
        // A round without progress cannot get further: the documents wait for each other, or for a resource that none
        // of them makes.
        let is_stuck = waiting.len() == round.len();
        round = waiting.iter().map(|(item, _)| *item).collect();
        if writing.is_dry_run() {
            not_checked(session, &report, round, "the resource that it refers to")?;
            break;
        }
        if is_stuck {
            failed.extend(waiting.iter().map(|(_, failure)| refuse(session, failure)));
            break;
        }
    }
    bar.finish_and_clear();
    report.finish(session)?;
    Ok(summary(session, &failed, items.len()))
}

/// Reports the outcome for a document, and its warnings.
pub(crate) fn report_item(session: &mut Session, report: &mut Report, item: &Item, done: Done) -> Result<()> {
    for warning in &done.written.warnings {
        session.console.warning(&item.manifest.place_of(warning), warning);
    }
    report.add(session, &item.reference.kind, done)
}

fn refuse(session: &mut Session, failure: &Failure) -> Exit {
    session.console.failure(failure);
    failure.exit
}

/// Says of documents that a dry run cannot judge them, because it did not make what they need.
fn not_checked<'i>(
    session: &mut Session,
    report: &Report,
    items: impl IntoIterator<Item = &'i Item>,
    needed: &str,
) -> Result<()> {
    let mut items = items.into_iter().peekable();
    let is_any = items.peek().is_some();
    for item in items {
        report.say(session, &item.reference, "not checked")?;
    }
    if is_any {
        session.console.note(&format!("a resource is checked when {needed} exists"));
    }
    Ok(())
}

/// Whether a document is refused only because what it refers to is not there yet, which other documents would make.
pub(crate) fn waits_for_others(failure: &Failure, item: &Item, items: &[Item]) -> bool {
    let is_made = |name: &str| items.iter().any(|other| other.reference.key == name);
    let waits = |problem: &Problem| {
        let value = problem.pointer.as_ref().and_then(|pointer| item.manifest.value().at(pointer));
        // Only a reference to a resource of the same input can resolve itself later; every other problem is final.
        problem.reason == "refersToNothing" && value.and_then(Json::as_str).is_some_and(is_made)
    };
    !failure.problems.is_empty() && failure.problems.iter().all(waits)
}

/// How it ended: the number that says most.
pub(crate) fn summary(session: &mut Session, failed: &[Exit], count: usize) -> Exit {
    if !failed.is_empty() && count > 1 {
        session.console.note(&format!("{} of {count} failed", failed.len()));
    }
    // The codes are in the order of how much they say: a write with an unknown outcome must not hide behind one that
    // was refused.
    failed.iter().copied().max().unwrap_or(Exit::Done)
}

fn bar(session: &Session, count: usize) -> ProgressBar {
    if count <= MANY || !session.console.is_watched() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count as u64).with_style(style)
}

/// Makes the namespaces that documents go to and that are not there. Answers those that it made, or would make.
pub(crate) fn make_namespaces(
    session: &mut Session,
    opened: &Opened,
    items: &[Item],
    writing: &Writing,
) -> Result<Vec<String>> {
    let kind = opened.kinds.namespace()?;
    let mut names: Vec<&String> = items.iter().filter_map(|item| item.reference.namespace.as_ref()).collect();
    names.sort();
    names.dedup();
    let mut made = Vec::new();
    for name in names {
        let reference = words::reference(kind, "", name);
        match opened.access.get(&reference, Look::default()) {
            Err(failure) if failure.is("NotFound") => {}
            Err(failure) => return Err(failure),
            Ok(_) => continue,
        }
        let text = serde_json::json!({"kind": kind.name, "apiVersion": kind.api_version, "metadata": {"name": name}});
        let text = Text::json(&text.into());
        let write = Write { action: Action::Create, reference: &reference, text, options: writing.options() };
        match opened.access.write(&write) {
            // Another command may have created it since.
            Err(failure) if failure.is("AlreadyExists") => {}
            Err(failure) => return Err(failure),
            Ok(_) => {
                if writing.output.is_none() {
                    Report::new(writing).say(session, &reference, "created")?;
                }
                made.push(name.clone());
            }
        }
    }
    Ok(made)
}

/// The documents that can be judged.
// A dry run cannot validate documents in a namespace that it did not create.
pub(crate) fn without(
    session: &mut Session,
    items: Vec<Item>,
    missing: &[String],
    writing: &Writing,
) -> Result<Vec<Item>> {
    let (unchecked, checked): (Vec<_>, Vec<_>) = items
        .into_iter()
        .partition(|item| item.reference.namespace.as_ref().is_some_and(|namespace| missing.contains(namespace)));
    not_checked(session, &Report::new(writing), &unchecked, "its namespace")?;
    Ok(checked)
}

/// The failure of a document without a name where one is needed.
pub(crate) fn nameless(item: &Item, verb: &str) -> Failure {
    let kind = &item.reference.kind.name;
    let what = if item.reference.kind.key == kindstore::kind::KeyScheme::Id { "id" } else { "name" };
    Failure::refused(format!("the {kind} has no {what}, so that {verb} cannot know which one is meant"))
}
