//! Dry runs of many documents: each is judged as if those before it were written, and nothing is stored.
//!
//! What refers to another document of the set is judged by a transaction that is a dry run. What goes to a namespace that the
//! set makes is judged by an empty store in memory: such a namespace is empty too.

use std::collections::BTreeSet;

use kindstore::validation::attribute;
use kindstore::{Json, Registry};

use super::access::{Access, Look, Options, Write};
use super::atomic::{operation_of, without_index};
use super::batch::{self, Done, Report, Writing, waits_for_others};
use super::failure::{Exit, Failure, Problem, Result, invalid};
use super::local::Local;
use super::manifest::Item;
use super::session::{Opened, Session};
use super::words;

/// The most documents that are judged together: so many operations a transaction can have.
const MAX_TOGETHER: usize = 1_000;

/// Returns the write of a document in a transaction; none for a resource that is as it should be.
pub(crate) type Plan<'m> = dyn for<'i> Fn(&dyn Access, &'i Item, Options) -> Result<Option<Write<'i>>> + 'm;

/// How a command writes a document.
pub(crate) struct Means<'m> {
    /// Writes one.
    pub(crate) one: &'m dyn Fn(&dyn Access, &Item, Options) -> Result<Done>,
    pub(crate) plan: &'m Plan<'m>,
}

/// The outcome for a document.
pub(crate) enum Verdict {
    Done(Box<Done>),
    Refused(Failure),
    /// Nothing can be said about it.
    NotChecked,
}

/// Judges documents in their order, and shows the outcome of each.
pub(crate) fn run(
    session: &mut Session,
    opened: &Opened,
    (items, made): (&[Item], &[String]),
    writing: &Writing,
    means: &Means<'_>,
) -> Result<Exit> {
    let mut report = Report::new(writing);
    let (mut failed, mut is_any_unchecked) = (Vec::new(), false);
    let verdicts = verdicts(opened, (items, made), writing.options(), means)?;
    for (item, verdict) in items.iter().zip(verdicts) {
        match verdict {
            Verdict::Done(done) => batch::report_item(session, &mut report, item, *done)?,
            Verdict::Refused(failure) => {
                session.console.failure(&failure);
                failed.push(failure.exit);
            }
            Verdict::NotChecked => {
                report.say(session, &item.reference, "not checked")?;
                is_any_unchecked = true;
            }
        }
    }
    if is_any_unchecked {
        session.console.note("a resource is checked when what it needs exists");
    }
    report.finish(session)?;
    Ok(batch::summary(session, &failed, items.len()))
}

/// Judges documents in their order. `made` are namespaces that are made before. After an unreachable server fewer verdicts
/// come than there are documents.
pub(crate) fn verdicts(
    opened: &Opened,
    (items, made): (&[Item], &[String]),
    options: Options,
    means: &Means<'_>,
) -> Result<Vec<Verdict>> {
    let access = opened.access.as_ref();
    let missing = missing(opened, items, made)?;
    let scratch = if missing.is_empty() { None } else { Some(scratch(opened, &missing)?) };
    let mut verdicts = Vec::new();
    for item in items {
        let is_new = item.reference.namespace.as_ref().is_some_and(|namespace| missing.contains(namespace));
        let done = match &scratch {
            // A newer server may have kinds that are not known here.
            Some(scratch) if is_new && !scratch.knows(&item.reference.kind) => {
                verdicts.push(Verdict::NotChecked);
                continue;
            }
            // Written there, so that the next document finds it.
            Some(scratch) if is_new => (means.one)(scratch, item, Options { is_dry_run: false, ..options }),
            _ => (means.one)(access, item, Options { is_dry_run: true, ..options }),
        };
        verdicts.push(match done.map_err(|failure| item.manifest.locate(failure)) {
            Ok(done) => Verdict::Done(Box::new(done)),
            Err(failure) if !is_new && waits_for_others(&failure, item, items) => Verdict::NotChecked,
            Err(failure) => Verdict::Refused(failure),
        });
        if let Some(Verdict::Refused(Failure { exit: Exit::Unavailable, .. })) = verdicts.last() {
            return Ok(verdicts);
        }
    }
    let mut namespaces = BTreeSet::new();
    for (item, verdict) in items.iter().zip(&verdicts) {
        if let (Verdict::NotChecked, Some(namespace)) = (verdict, &item.reference.namespace) {
            namespaces.insert(namespace.as_str());
        }
    }
    for namespace in namespaces {
        together(access, (items, namespace), &mut verdicts, &|item| (means.plan)(access, item, options))?;
    }
    Ok(verdicts)
}

/// Judges the documents of a namespace that wait for others, by a transaction of all of them that are not refused.
fn together<'i>(
    access: &dyn Access,
    (items, namespace): (&'i [Item], &str),
    verdicts: &mut [Verdict],
    plan: &dyn Fn(&'i Item) -> Result<Option<Write<'i>>>,
) -> Result<()> {
    // Each round judges all of them, or refuses at least one.
    for _ in 0..=items.len() {
        let is_meant = |index: &usize| {
            let is_here = items[*index].reference.namespace.as_deref() == Some(namespace);
            is_here && !matches!(verdicts[*index], Verdict::Refused(_))
        };
        let meant: Vec<usize> = (0..items.len()).filter(is_meant).collect();
        let is_waiting = |index: &usize| matches!(verdicts[*index], Verdict::NotChecked);
        if meant.len() > MAX_TOGETHER || !meant.iter().any(is_waiting) {
            return Ok(());
        }
        let (mut writes, mut written) = (Vec::new(), Vec::new());
        for index in meant {
            // One that cannot be planned is no part of it; it was judged alone.
            if let Ok(Some(write)) = plan(&items[index]) {
                writes.push(Write { options: Options { is_dry_run: false, ..write.options }, ..write });
                written.push(index);
            }
        }
        match access.commit(namespace, &writes, true) {
            Ok(committed) => {
                for (index, one) in written.into_iter().zip(committed) {
                    if matches!(verdicts[index], Verdict::NotChecked) {
                        let word = if one.written.was_created { "created" } else { "configured" };
                        let word = if one.was_changed || one.written.was_created { word } else { "unchanged" };
                        verdicts[index] = Verdict::Done(Box::new(Done { word: word.into(), written: one.written }));
                    }
                }
                return Ok(());
            }
            Err(failure) if failure.exit >= Exit::Unavailable => return Err(failure),
            Err(failure) => {
                if !refuse(&failure, &written, items, verdicts) {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Refuses the documents that the failure of a transaction is about; whether there are any that were not judged yet.
fn refuse(failure: &Failure, written: &[usize], items: &[Item], verdicts: &mut [Verdict]) -> bool {
    let mut operations: BTreeSet<usize> = failure.operation.into_iter().collect();
    let of = |pointer: &Option<String>| pointer.as_deref().and_then(operation_of).map(|(index, _)| index);
    operations.extend(failure.problems.iter().filter_map(|problem| of(&problem.pointer)));
    let mut is_any = false;
    for operation in operations {
        let Some(index) = written.get(operation).copied() else { continue };
        if !matches!(verdicts[index], Verdict::NotChecked) {
            continue;
        }
        let item = &items[index];
        let mut own = Failure { operation: None, problems: Vec::new(), ..failure.clone() };
        own.message = without_index(&failure.message, operation).to_owned();
        for problem in &failure.problems {
            let Some((_, pointer)) = problem.pointer.as_deref().and_then(operation_of).filter(|it| it.0 == operation)
            else {
                continue;
            };
            let attribute = attribute(pointer);
            let pointer = Some(pointer.to_owned());
            own.problems.push(Problem { attribute, pointer, ..problem.clone() });
        }
        if !own.problems.is_empty() {
            own.message = invalid(&item.reference.kind.name);
        }
        verdicts[index] = Verdict::Refused(item.manifest.locate(own));
        is_any = true;
    }
    is_any
}

/// The namespaces that the set makes, or that are made before it, and that are not there.
fn missing(opened: &Opened, items: &[Item], made: &[String]) -> Result<BTreeSet<String>> {
    let kind = opened.kinds.namespace()?;
    let in_set = items.iter().filter(|item| item.reference.kind.name == kind.name).map(|item| &item.reference.key);
    let used: BTreeSet<&String> = items.iter().filter_map(|item| item.reference.namespace.as_ref()).collect();
    let mut missing: BTreeSet<String> = made.iter().cloned().collect();
    for name in in_set.filter(|name| used.contains(name)) {
        match opened.access.get(&words::reference(kind, "", name), Look::default()) {
            Ok(_) => {}
            Err(failure) if failure.is("NotFound") => drop(missing.insert(name.clone())),
            Err(failure) => return Err(failure),
        }
    }
    Ok(missing)
}

/// An empty store with these namespaces, and with the global defaults of the store.
fn scratch(opened: &Opened, namespaces: &BTreeSet<String>) -> Result<Local> {
    let registry = Registry::builtin()?;
    let mut defaults = Vec::new();
    for kind in opened.kinds.iter().filter(|kind| kind.is_singleton() && !kind.is_namespaced) {
        if registry.find(&kind.name).is_some_and(|known| registry.supplies_defaults(known)) {
            let found = opened.access.get(&words::reference(kind, "", ""), Look::default())?;
            let spec = found.to_value().get("spec").cloned().unwrap_or_default();
            defaults.push((kind.name.clone(), Json::Object([("spec".to_owned(), spec)].into_iter().collect())));
        }
    }
    Local::scratch(namespaces, defaults)
}
