//! `kindstore create`: makes resources that are not there yet.

use clap::Args;

use super::access::{Access, Action, Options, Write};
use super::batch::{self, Done, Writing};
use super::failure::{Exit, Result};
use super::manifest::Item;
use super::rehearsal::{self, Means};
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
        let opened = session.open(Purpose::of_write(self.writing.is_dry_run()))?;
        let items = source::items(session, &opened, input)?;
        let made = match self.create_namespace {
            true => batch::make_namespaces(session, &opened, &items, &self.writing)?,
            false => Vec::new(),
        };
        source::remark_twice(session, &items);
        if self.writing.is_dry_run() {
            let means = Means { one: &create, plan: &|_, item, options| Ok(Some(write(item, options))) };
            return rehearsal::run(session, &opened, (&items, &made), &self.writing, &means);
        }
        let options = self.writing.options();
        batch::each(session, &items, &self.writing, |item| create(opened.access.as_ref(), item, options))
    }
}

fn create(access: &dyn Access, item: &Item, options: Options) -> Result<Done> {
    let written = access.write(&write(item, options))?;
    Ok(Done { word: "created".into(), written })
}

fn write(item: &Item, options: Options) -> Write<'_> {
    Write { action: Action::Create, reference: &item.reference, text: item.manifest.text(), options }
}
