//! `kindstore rollback`: makes one resource what it was in an older version.

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::access::{Action, Look, Text, Write};
use super::batch::{Done, Report, Writing};
use super::candidates;
use super::failure::{Exit, Result};
use super::run::Run;
use super::session::{Purpose, Session};
use super::words;

#[derive(Args)]
pub(crate) struct Rollback {
    /// KIND NAME, or KIND/NAME
    #[arg(value_name = "WHAT", required = true, num_args = 1..=2, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    /// The version to restore; `kindstore history` lists them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    to: u64,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
The user's part is restored as the next version and validated like any other document; the status stays.

Examples:
  kindstore rollback deploy clicks --to 3
  kindstore rollback deploy/clicks --to 3 --dry-run -o yaml";

impl Run for Rollback {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let reference = words::one(&self.what, &opened.kinds, &session.namespace()?)?;
        let options = self.writing.options();
        // A dry run stores no revision, so only the version shows whether it would change anything.
        let before = if options.is_dry_run { opened.access.get(&reference, Look::default()).ok() } else { None };
        let write = Write { action: Action::Rollback(self.to), reference: &reference, text: Text::none(), options };
        let written = opened.access.write(&write)?;
        for warning in &written.warnings {
            session.console.warning(&reference.to_string(), warning);
        }
        let version = written.object.metadata.resource_version;
        let is_changed = match &before {
            Some(before) => before.metadata.resource_version != version,
            None => written.was_stored,
        };
        let word = match is_changed {
            true => format!("rolled back to version {}, as version {version}", self.to),
            false => "unchanged".to_owned(),
        };
        let mut report = Report::new(&self.writing);
        report.add(session, &reference.kind, Done { word: word.into(), written })?;
        report.finish(session)?;
        Ok(Exit::Done)
    }
}
