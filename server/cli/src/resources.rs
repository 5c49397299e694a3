//! `kindstore api-resources`: which kinds there are, and by which names.

use clap::Args;

use super::failure::{Exit, Result};
use super::kind::Kind;
use super::run::Run;
use super::session::{Purpose, Session};
use super::table::Table;

#[derive(Args)]
pub(crate) struct Resources {
    /// The form: table, wide (with verbs and descriptions), or name
    #[arg(short, long, value_name = "FORM", default_value = "table", value_parser = ["table", "wide", "name"],
        hide_possible_values = true, hide_default_value = true)]
    output: String,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  kindstore api-resources
  kindstore api-resources -o wide";

impl Run for Resources {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        if self.output == "name" {
            let names: String = opened.kinds.iter().map(|kind| format!("{}\n", kind.plural)).collect();
            session.console.print(&names)?;
            return Ok(Exit::Done);
        }
        let is_wide = self.output == "wide";
        let header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "DESCRIPTION"];
        let mut table = Table::new(&header[..if is_wide { 7 } else { 5 }]);
        for kind in opened.kinds.iter() {
            table.push(row(kind).into_iter().take(if is_wide { 7 } else { 5 }).collect());
        }
        session.console.print(&table.render(session.console.width()))?;
        Ok(Exit::Done)
    }
}

fn row(kind: &Kind) -> Vec<String> {
    vec![
        kind.plural.clone(),
        kind.short_names.join(","),
        kind.api_version.clone(),
        kind.is_namespaced.to_string(),
        kind.name.clone(),
        kind.verb_names(),
        kind.description.clone(),
    ]
}
