//! `kindstore create`: makes resources that are not there yet.

use clap::Args;

use super::access::{Action, Write};
use super::batch::{self, Done, Writing};
use super::failure::{Exit, Result};
use super::run::Run;
use super::session::{Purpose, Session};
use super::source::{self, Files};

#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    files: Files,
    /// Create the namespaces that do not exist
    #[arg(long)]
    create_namespace: bool,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  kindstore create -f deployment.yaml
  kindstore create -f savepoint.yaml -o jsonpath='{.metadata.id}'
  kindstore create -f shop/ --create-namespace -n shop";

impl Run for Create {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let input = source::input(&self.files)?;
        let opened = session.open(Purpose::Write)?;
        let mut items = source::items(session, &opened, input)?;
        if self.create_namespace {
            let missing = batch::make_namespaces(session, &opened, &items, &self.writing)?;
            items = batch::without(session, items, &missing, &self.writing)?;
        }
        let options = self.writing.options();
        batch::each(session, &items, &self.writing, |item| {
            let (reference, text) = (&item.reference, item.manifest.text());
            let written = opened.access.write(&Write { action: Action::Create, reference, text, options })?;
            Ok(Done { word: "created".into(), written })
        })
    }
}
