//! `kindstore diff`: what `apply` would change.

use clap::Args;
use kindstore::{Json, Object};
use similar::{ChangeTag, TextDiff};

use super::Run;
use super::access::{Access, Options};
use super::apply::{apply, present};
use super::batch::Fields;
use super::console::{BAD, GOOD, HEAD, PLACE};
use super::failure::{Exit, Result};
use super::manifest::Item;
use super::output;
use super::session::{Purpose, Session};
use super::source::{self, Files};

#[derive(Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    fields: Fields,
}

pub(crate) const EXAMPLES: &str = "\
The store itself says what a resource would be, so that defaults are in it. Ids, times and versions are left out.
Exit codes: 0 nothing differs, 1 something differs, 2 or more: it could not be found out.

Examples:
  kindstore diff -f deployment.yaml
  kindstore diff -f shop/ -R || kindstore apply -f shop/ -R";

impl Run for Diff {
    fn run(self, session: &mut Session) -> Result<Exit> {
        self.compare(session).map_err(|mut failure| {
            // 1 says that something differs.
            failure.exit = failure.exit.at_least_usage();
            failure
        })
    }
}

impl Diff {
    fn compare(&self, session: &mut Session) -> Result<Exit> {
        let input = source::input(&self.files)?;
        let opened = session.open(Purpose::Read)?;
        let items = source::items(session, &opened, input)?;
        let mut exit = Exit::Done;
        let options = Options { expected: None, is_dry_run: true, fields: self.fields.validation() };
        for item in &items {
            match difference(opened.access.as_ref(), item, options) {
                Ok(text) if text.is_empty() => {}
                Ok(text) => {
                    session.console.print(&text)?;
                    exit = exit.max(Exit::Refused);
                }
                Err(failure) => {
                    session.console.failure(&item.manifest.locate(failure.clone()));
                    exit = exit.max(failure.exit.at_least_usage());
                    if failure.exit == Exit::Unavailable {
                        break;
                    }
                }
            }
        }
        Ok(exit)
    }
}

/// The unified difference between a resource and what applying its document would make of it; empty when there is none.
fn difference(access: &dyn Access, item: &Item, options: Options) -> Result<String> {
    let before = present(access, item)?;
    let after = apply(access, item, options)?.written.object;
    let before = before.as_ref().map(text).unwrap_or_default();
    Ok(unified(&item.reference.to_string(), &before, &text(&after)))
}

/// A resource as YAML, without what changes by itself.
fn text(object: &Object) -> String {
    let mut value = object.to_value();
    if let Some(Json::Object(metadata)) = value.get_mut("metadata") {
        for name in ["id", "createdAt", "modifiedAt", "resourceVersion"] {
            metadata.remove(name);
        }
    }
    output::yaml(&value)
}

fn unified(name: &str, before: &str, after: &str) -> String {
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
    format!("{HEAD}--- {name} as it is{HEAD:#}\n{HEAD}+++ {name} after apply{HEAD:#}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_unified_and_empty_where_there_is_none() {
        assert_eq!(unified("a/b", "x: 1\n", "x: 1\n"), "");
        let text = anstream::adapter::strip_str(&unified("a/b", "x: 1\ny: 1\n", "x: 1\ny: 2\n")).to_string();
        assert_eq!(text, "--- a/b as it is\n+++ a/b after apply\n@@ -1,2 +1,2 @@\n x: 1\n-y: 1\n+y: 2\n");
    }
}
