//! `kindstore undelete`: brings a deleted resource back.

use clap::Args;
use clap_complete::ArgValueCompleter;

use super::access::{Action, Text, Write};
use super::batch::{Done, Report, Writing};
use super::candidates;
use super::failure::{Exit, Result};
use super::run::Run;
use super::session::{Purpose, Session};
use super::words;

#[derive(Args)]
pub(crate) struct Undelete {
    /// KIND NAME, or KIND/NAME; the id, where another resource has the name by now
    #[arg(value_name = "WHAT", required = true, num_args = 1..=2, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
Its last state is restored, under its id and as its next version. The resources that it refers to must exist.

Examples:
  kindstore undelete deploy clicks
  kindstore undelete deploy/clicks --dry-run";

impl Run for Undelete {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let reference = words::one(&self.what, &opened.kinds, &session.namespace()?)?;
        let options = self.writing.options();
        let write = Write { action: Action::Undelete, reference: &reference, text: Text::none(), options };
        let written = opened.access.write(&write)?;
        for warning in &written.warnings {
            session.console.warning(&reference.to_string(), warning);
        }
        let word = format!("undeleted, as version {}", written.object.metadata.resource_version);
        let mut report = Report::new(&self.writing);
        report.add(session, &reference.kind, Done { word: word.into(), written })?;
        report.finish(session)?;
        Ok(Exit::Done)
    }
}
