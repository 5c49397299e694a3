//! `kindstore explain`: describes a kind and its members, from the definitions; and shows where the values of a document
//! come from.

use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::Registry;
use kindstore::kind::Schema;

use super::console::{HEAD, PLACE};
use super::failure::{Exit, Result};
use super::members::{descend, fields, find_kind, pointer, variants};
use super::run::Run;
use super::session::Session;
use super::{candidates, effective};

#[derive(Args)]
pub(crate) struct Explain {
    /// KIND, or a member of it: deployment.spec.template
    #[arg(value_name = "KIND[.PATH]", required_unless_present = "effective", conflicts_with = "effective",
        add = ArgValueCompleter::new(candidates::members))]
    path: Option<String>,
    /// Show all members below, not only the next ones
    #[arg(long)]
    recursive: bool,
    /// Show the values that a new resource of the documents of -f would have, and where each comes from
    #[arg(long, requires = "filename")]
    effective: bool,
    /// A file, a folder with all folders in it, or - for standard input; may be given several times
    #[arg(short = 'f', long = "filename", value_name = "FILE", requires = "effective",
        value_hint = clap::ValueHint::AnyPath)]
    filename: Vec<String>,
    /// A file with defaults: documents of the kinds that supply them
    #[arg(long, value_name = "FILE", requires = "effective", value_hint = clap::ValueHint::FilePath)]
    defaults: Option<PathBuf>,
    /// Do not read defaults from a store
    #[arg(long, requires = "effective")]
    offline: bool,
    /// The format of --effective: table or json
    #[arg(short, long, value_name = "FORM", requires = "effective", value_parser = ["table", "json"],
        hide_possible_values = true)]
    output: Option<String>,
}

pub(crate) const EXAMPLES: &str = "\
It describes the kinds of this program, without a server. Only --effective reads the defaults of the store that is named
or configured; without one, or with --offline, those of the definitions and of --defaults count.

Examples:
  kindstore explain deployment
  kindstore explain deploy.spec.template.spec.artifact
  kindstore explain deploy --recursive
  kindstore explain --effective -f deployment.yaml
  kindstore explain --effective -f deployment.yaml --offline --defaults defaults.yaml -o json";

impl Run for Explain {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let registry = Registry::builtin()?;
        let Some(path) = &self.path else {
            let asked = effective::Asked {
                filename: &self.filename,
                defaults: self.defaults.as_deref(),
                is_offline: self.offline,
                is_json: self.output.as_deref() == Some("json"),
            };
            return effective::show(session, &registry, &asked);
        };
        session.console.print(&explained(&registry, path, self.recursive)?)?;
        Ok(Exit::Done)
    }
}

fn explained(registry: &Registry, path: &str, is_recursive: bool) -> Result<String> {
    let (kind, path) = find_kind(registry, path)?;
    let found = descend(kind, path)?;
    let schema = found.schema;
    let mut text = format!("{HEAD}KIND:{HEAD:#}     {}\n{HEAD}VERSION:{HEAD:#}  {}\n", kind.name, kind.api_version);
    if !path.is_empty() {
        let required = if found.is_required { " -required-" } else { "" };
        let name = schema.type_name();
        text.push_str(&format!("{HEAD}FIELD:{HEAD:#}    {path} {PLACE}<{name}>{PLACE:#}{required}\n"));
    }
    if let Some(title) = schema.title.as_ref().filter(|_| !path.is_empty()) {
        text.push_str(&format!("{HEAD}TITLE:{HEAD:#}    {title}\n"));
    }
    let description = if path.is_empty() { Some(kind.description.as_str()) } else { schema.description.as_deref() };
    text.push_str(&format!(
        "\n{HEAD}DESCRIPTION:{HEAD:#}\n  {}\n",
        description.unwrap_or("There is no description.").trim_end().replace('\n', "\n  ")
    ));
    let inside = schema.innermost();
    for fact in kind.facts(&pointer(path), schema) {
        text.push_str(&format!("  {fact}\n"));
    }
    examples(&mut text, schema);
    if !inside.properties.is_empty() {
        text.push_str(&format!("\n{HEAD}FIELDS:{HEAD:#}\n"));
        fields(&mut text, inside, 1, is_recursive);
    }
    variants(&mut text, inside, 0, is_recursive);
    Ok(text)
}

/// Adds values to copy.
fn examples(text: &mut String, schema: &Schema) {
    if schema.examples.is_empty() {
        return;
    }
    text.push_str(&format!("\n{HEAD}EXAMPLES:{HEAD:#}\n"));
    for example in &schema.examples {
        text.push_str(&format!("  {}\n", example.to_word()));
    }
}
