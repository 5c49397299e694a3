//! `kindstore apply --atomic`: all documents in one transaction, or none of them.

use kindstore::Json;
use kindstore::kind::{KeyScheme, Verb};

use super::access::{Access, Action, Options, Write};
use super::batch::{self, Done, Report, Writing};
use super::failure::{Exit, Failure, Problem, Result};
use super::manifest::Item;
use super::present::{present, unchanged};
use super::session::{Opened, Session};
use super::source;

/// How often documents are brought into another order, so that what is referred to comes before what refers to it.
// No chain of references is longer than there are kinds.
const MAX_ORDERS: usize = 16;

/// Applies all documents together.
pub(crate) fn apply(session: &mut Session, opened: &Opened, items: &[Item], writing: &Writing) -> Result<Exit> {
    if items.is_empty() {
        return Ok(Exit::Done);
    }
    let namespace = check(items)?;
    let access = opened.access.as_ref();
    let mut planned = items.iter().map(|item| plan(access, item, writing.options())).collect::<Result<Vec<_>>>()?;
    let mut done = commit(access, namespace, &planned, writing);
    for _ in 0..MAX_ORDERS {
        // The store checks references in the order of the operations, so documents that wait for others move behind
        // them.
        let Err(failure) = &done else { break };
        let waiting = waiting(failure, &planned);
        if waiting.is_empty() {
            break;
        }
        planned = last(planned, &waiting);
        done = commit(access, namespace, &planned, writing);
    }
    let done = done.map_err(|failure| located(failure, &planned))?;
    report(session, &planned, done, writing)
}

/// The write for a document.
struct Planned<'i> {
    item: &'i Item,
    /// None for a resource that is as it should be and cannot be changed.
    write: Option<Write<'i>>,
    is_there: Option<Done>,
}

/// Refuses what no transaction can do, whatever the store has. Answers the namespace of all documents.
pub(crate) fn check(items: &[Item]) -> Result<&str> {
    let namespace = namespace(items)?;
    match source::twice(items).first() {
        Some((first, second)) => {
            let message = format!("{}; a transaction changes each resource once", source::both(first, second));
            Err(Failure::refused(message))
        }
        None => Ok(namespace),
    }
}

/// The namespace of all documents.
fn namespace(items: &[Item]) -> Result<&str> {
    let mut first = None;
    for item in items {
        let reference = &item.reference;
        let refused = |message: String| Err(item.manifest.locate(Failure::refused(message)));
        match (&reference.namespace, first) {
            (None, _) => {
                let kind = &reference.kind.name;
                let message = format!("a {kind} lives in no namespace and cannot be part of a transaction");
                let hint = "apply it first, by itself, or leave out --atomic";
                return refused(message).map_err(|failure: Failure| failure.hint(hint));
            }
            (Some(namespace), Some(first)) if namespace != first => {
                return refused(format!("the namespace is {namespace:?}, and a transaction has one, here {first:?}"));
            }
            (Some(namespace), _) => first = Some(namespace.as_str()),
        }
    }
    first.ok_or_else(|| Failure::refused("there is no document"))
}

/// Chooses the means that the kind of a document has, as a single apply does.
fn plan<'i>(access: &dyn Access, item: &'i Item, options: Options) -> Result<Planned<'i>> {
    let kind = &item.reference.kind;
    let has_key = !item.reference.key.is_empty();
    // A dry run is that of the whole transaction.
    let options = Options { is_dry_run: false, ..options };
    let write = |action| {
        let (reference, text) = (&item.reference, item.manifest.text());
        Ok(Planned { item, write: Some(Write { action, reference, text, options }), is_there: None })
    };
    match kind.key {
        KeyScheme::Singleton => return write(Action::Patch),
        KeyScheme::Name if has_key && kind.allows(Verb::Upsert) => return write(Action::Upsert),
        _ => {}
    }
    let locate = |failure| item.manifest.locate(failure);
    match present(access, item).map_err(locate)? {
        Some(_) if kind.key == KeyScheme::Name && kind.allows(Verb::Patch) => write(Action::Patch),
        Some(object) => {
            let is_there = Some(unchanged(object, item).map_err(locate)?);
            Ok(Planned { item, write: None, is_there })
        }
        None if kind.key == KeyScheme::Id && kind.allows(Verb::Create) => {
            let nameless = batch::nameless(item, "apply").hint("`kindstore create -f` makes a new one each time");
            Err(locate(nameless))
        }
        None => write(Action::Create),
    }
}

/// Returns the write of one document in a transaction; none for a resource that is as it should be.
pub(crate) fn write<'i>(access: &dyn Access, item: &'i Item, options: Options) -> Result<Option<Write<'i>>> {
    plan(access, item, options).map(|planned| planned.write)
}

/// Commits what is to be written, and says what was done.
fn commit(access: &dyn Access, namespace: &str, planned: &[Planned<'_>], writing: &Writing) -> Result<Vec<Done>> {
    let writes: Vec<_> = planned.iter().filter_map(|one| one.write.clone()).collect();
    let committed = access.commit(namespace, &writes, writing.is_dry_run())?;
    let done = committed.into_iter().map(|one| {
        let word = match (one.written.was_created, one.was_changed) {
            (true, _) => "created",
            (false, true) => "configured",
            (false, false) => "unchanged",
        };
        Done { word: word.into(), written: one.written }
    });
    Ok(done.collect())
}

fn report(session: &mut Session, planned: &[Planned<'_>], done: Vec<Done>, writing: &Writing) -> Result<Exit> {
    let mut report = Report::new(writing);
    let mut done = done.into_iter();
    for Planned { item, is_there, .. } in planned {
        let next = match is_there {
            Some(there) => Some(Done { word: there.word.clone(), written: there.written.clone() }),
            None => done.next(),
        };
        if let Some(next) = next {
            batch::report_item(session, &mut report, item, next)?;
        }
    }
    report.finish(session)?;
    Ok(Exit::Done)
}

/// The written document with this place in a transaction.
fn written<'p, 'i>(planned: &'p [Planned<'i>], index: usize) -> Option<(usize, &'p Planned<'i>)> {
    // The store counts only the operations that it got.
    planned.iter().enumerate().filter(|(_, one)| one.write.is_some()).nth(index)
}

/// The operation that a pointer leads into, and where in its document.
pub(crate) fn operation_of(pointer: &str) -> Option<(usize, &str)> {
    let (index, rest) = pointer.strip_prefix("/operations/")?.split_once('/')?;
    Some((index.parse().ok()?, rest.strip_prefix("document")?))
}

/// The documents that are refused only because what they refer to comes after them.
fn waiting(failure: &Failure, planned: &[Planned<'_>]) -> Vec<usize> {
    let mut verdicts = std::collections::BTreeMap::new();
    for problem in &failure.problems {
        let Some((index, pointer)) = problem.pointer.as_deref().and_then(operation_of) else { continue };
        let Some((place, one)) = written(planned, index) else { continue };
        let target = one.item.manifest.value().at(pointer).and_then(Json::as_str);
        let comes_later = |name| planned[place + 1..].iter().any(|other| other.item.reference.key == name);
        let waits = problem.reason == "refersToNothing" && target.is_some_and(comes_later);
        // One problem of another sort keeps a document where it is: another order would not help it.
        *verdicts.entry(place).or_insert(true) &= waits;
    }
    verdicts.into_iter().filter(|(_, waits)| *waits).map(|(place, _)| place).collect()
}

/// The same with these at the end.
fn last<'i>(planned: Vec<Planned<'i>>, waiting: &[usize]) -> Vec<Planned<'i>> {
    let (late, mut early): (Vec<_>, Vec<_>) =
        planned.into_iter().enumerate().partition(|(place, _)| waiting.contains(place));
    early.extend(late);
    early.into_iter().map(|(_, one)| one).collect()
}

/// A failure with the files, lines and columns that it is about.
fn located(mut failure: Failure, planned: &[Planned<'_>]) -> Failure {
    for problem in &mut failure.problems {
        place(problem, planned);
    }
    if let Some(index) = failure.operation
        && let Some((_, one)) = written(planned, index)
    {
        failure.message = without_index(&failure.message, index).to_owned();
        return one.item.manifest.locate(failure);
    }
    failure
}

fn place(problem: &mut Problem, planned: &[Planned<'_>]) {
    let Some((index, pointer)) = problem.pointer.as_deref().and_then(operation_of) else { return };
    let Some((_, one)) = written(planned, index) else { return };
    let (line, column) = one.item.manifest.line_and_column(pointer);
    let attribute = kindstore::validation::attribute(pointer);
    problem.attribute = format!("{}:{line}:{column}: {attribute}", one.item.manifest.origin);
}

/// Returns a message without the index of the operation, which is not in the files.
pub(crate) fn without_index(message: &str, index: usize) -> &str {
    let Some(rest) = message.strip_prefix(&format!("operations[{index}]")) else { return message };
    match rest.strip_prefix(" (") {
        Some(subject) => subject.split_once("): ").map_or(message, |(_, message)| message),
        None => rest.strip_prefix(": ").unwrap_or(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_and_messages_lose_what_only_a_transaction_knows() {
        assert_eq!(operation_of("/operations/3/document/spec/a"), Some((3, "/spec/a")));
        assert_eq!(operation_of("/operations/3/document"), Some((3, "")));
        assert_eq!(operation_of("/operations"), None);
        assert_eq!(without_index("operations[3] (Deployment \"a\"): no Deployment", 3), "no Deployment");
        assert_eq!(without_index("operations[3]: the text is empty", 3), "the text is empty");
        assert_eq!(without_index("the store is not available", 3), "the store is not available");
    }
}
