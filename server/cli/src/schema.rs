//! `kindstore schema`: what the documents of a kind may say, as JSON Schema for editors.

use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::Registry;

use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::run::Run;
use super::session::Session;
use super::verdict::pretty;

#[derive(Args)]
pub(crate) struct Schema {
    /// The kind
    #[arg(value_name = "KIND", required_unless_present = "all", conflicts_with = "all",
        add = ArgValueCompleter::new(candidates::kind_words))]
    kind: Option<String>,
    /// The schemas of all kinds, each in a file of its name
    #[arg(long, requires = "output")]
    all: bool,
    /// The folder for --all, which is made if it is not there
    #[arg(short, long, value_name = "FOLDER", requires = "all", value_hint = clap::ValueHint::DirPath)]
    output: Option<PathBuf>,
}

pub(crate) const EXAMPLES: &str = "\
The schema takes what the server takes, such as a number where a string is declared. An editor with the YAML language
server uses it by a first line such as

  # yaml-language-server: $schema=deployment.json

Examples:
  kindstore schema Deployment > deployment.json
  kindstore schema --all -o schemas";

impl Run for Schema {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let registry = Registry::builtin()?;
        if let Some(word) = &self.kind {
            let kind = registry.find_word(word).ok_or_else(|| Failure::from(registry.unknown(word)))?;
            session.console.print(&pretty(&kind.document_schema())?)?;
            return Ok(Exit::Done);
        }
        let folder = self.output.unwrap_or_default();
        let wrong = |error| Failure::refused(format!("{} cannot be written: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(wrong)?;
        for kind in registry.kinds() {
            let path = folder.join(format!("{}.json", kind.singular));
            std::fs::write(&path, pretty(&kind.document_schema())?).map_err(wrong)?;
            session.console.line(&path.display().to_string())?;
        }
        Ok(Exit::Done)
    }
}
