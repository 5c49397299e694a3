//! `kindstore diff`: what `apply` would change, and what differs between two versions of a resource.

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::{Json, Object};
use similar::{ChangeTag, TextDiff};

use super::access::{Access, Options};
use super::apply::MEANS;
use super::batch::Fields;
use super::candidates;
use super::console::{BAD, GOOD, HEAD, PLACE};
use super::failure::{Exit, Result};
use super::hidden::Compared;
use super::manifest::Item;
use super::output;
use super::present::present;
use super::rehearsal::{self, Verdict};
use super::run::Run;
use super::safe;
use super::session::{Purpose, Session};
use super::source::{self, Files};
use super::words;

#[derive(Args)]
pub(crate) struct Diff {
    /// KIND NAME, or KIND/NAME: the resource of which two versions are compared
    #[arg(value_name = "WHAT", num_args = 1..=2, requires = "from", conflicts_with = "filename",
        add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    /// The version to compare with
    #[arg(long, value_name = "NUMBER", requires = "what", value_parser = clap::value_parser!(u64).range(1..))]
    from: Option<u64>,
    /// The version to compare; the newest without it
    #[arg(long, value_name = "NUMBER", requires = "from", value_parser = clap::value_parser!(u64).range(1..))]
    to: Option<u64>,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    fields: Fields,
}

pub(crate) const EXAMPLES: &str = "\
The store computes the new resource, so that defaults are in it. Ids, times and versions are left out.
Exit codes: 0 nothing differs, 1 something differs, 2 or more: it could not be found out.

Examples:
  kindstore diff -f deployment.yaml
  kindstore diff -f shop/ -R || kindstore apply -f shop/ -R
  kindstore diff deploy/clicks --from 3
  kindstore diff deploy clicks --from 3 --to 5";

impl Run for Diff {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let exit = match self.from {
            Some(from) => self.versions(session, from),
            None => self.compare(session),
        };
        exit.map_err(|mut failure| {
            // 1 says that something differs.
            failure.exit = failure.exit.at_least_usage();
            failure
        })
    }
}

impl Diff {
    /// Compares two versions of a resource, which may be deleted.
    fn versions(&self, session: &mut Session, from: u64) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let reference = words::one(&self.what, &opened.kinds, &session.namespace()?)?;
        let before = opened.access.version(&reference, from)?;
        let after = match self.to {
            Some(to) => opened.access.version(&reference, to)?,
            None => opened.access.versions(&reference, Some(1))?.versions.swap_remove(0),
        };
        let label = |number: u64| format!("{reference} version {number}");
        let labels = (label(from), label(after.object.metadata.resource_version));
        let text = unified(labels, &text(&before.object), &text(&after.object));
        session.console.print(&text)?;
        Ok(if text.is_empty() { Exit::Done } else { Exit::Refused })
    }

    fn compare(&self, session: &mut Session) -> Result<Exit> {
        let input = source::input(&self.files)?;
        let opened = session.open(Purpose::Read)?;
        let items = source::items(session, &opened, input)?;
        source::remark_twice(session, &items);
        let mut exit = Exit::Done;
        // A dry run goes through every rule of the store, so that the difference is exactly that of an apply.
        let options = Options { expected: None, is_dry_run: true, fields: self.fields.validation() };
        for (item, verdict) in items.iter().zip(rehearsal::verdicts(&opened, (&items, &[]), options, &MEANS)?) {
            match verdict {
                Verdict::Done(done) => {
                    let text = difference(opened.access.as_ref(), item, &done.written.object)?;
                    session.console.print(&text)?;
                    exit = exit.max(if text.is_empty() { Exit::Done } else { Exit::Refused });
                }
                Verdict::Refused(failure) => {
                    session.console.failure(&failure);
                    exit = exit.max(failure.exit.at_least_usage());
                }
                Verdict::NotChecked => {
                    session.console.note(&format!("{} is compared when what it needs exists", item.reference));
                    exit = exit.max(Exit::Refused);
                }
            }
        }
        Ok(exit)
    }
}

/// The unified difference between a resource and what applying its document would make of it; empty when there is none.
fn difference(access: &dyn Access, item: &Item, after: &Object) -> Result<String> {
    let before = present(access, item)?;
    let mut compared = Compared { before: before.as_ref().map(value), after: value(after) };
    compared.mark(access, item, (before.as_ref(), after))?;
    let name = &item.reference;
    let labels = (format!("{name} as it is"), format!("{name} after apply"));
    Ok(unified(labels, &compared.before.as_ref().map(output::yaml).unwrap_or_default(), &output::yaml(&compared.after)))
}

/// A resource as YAML, without what changes by itself.
fn text(object: &Object) -> String {
    output::yaml(&value(object))
}

/// A resource without what changes by itself.
fn value(object: &Object) -> Json {
    let mut value = object.to_value();
    if let Some(Json::Object(metadata)) = value.get_mut("metadata") {
        // They change with each write and would hide the difference that matters.
        for name in ["id", "createdAt", "modifiedAt", "resourceVersion"] {
            metadata.remove(name);
        }
    }
    value
}

/// The unified difference of two texts with their labels; empty when there is none.
fn unified((old, new): (String, String), before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for hunk in diff.unified_diff().iter_hunks() {
        text.push_str(&format!("{PLACE}{}{PLACE:#}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            match change.tag() {
                ChangeTag::Equal => text.push_str(&format!(" {line}\n")),
                ChangeTag::Delete => text.push_str(&format!("{BAD}-{line}{BAD:#}\n")),
                ChangeTag::Insert => text.push_str(&format!("{GOOD}+{line}{GOOD:#}\n")),
            }
        }
    }
    if text.is_empty() {
        return text;
    }
    let (old, new) = (safe::shown(&old), safe::shown(&new));
    format!("{HEAD}--- {old}{HEAD:#}\n{HEAD}+++ {new}{HEAD:#}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_unified_and_empty_where_there_is_none() {
        let labels = || ("a/b as it is".to_owned(), "a/b after apply".to_owned());
        assert_eq!(unified(labels(), "x: 1\n", "x: 1\n"), "");
        let text = anstream::adapter::strip_str(&unified(labels(), "x: 1\ny: 1\n", "x: 1\ny: 2\n")).to_string();
        assert_eq!(text, "--- a/b as it is\n+++ a/b after apply\n@@ -1,2 +1,2 @@\n x: 1\n-y: 1\n+y: 2\n");
    }
}
