//! `kindstore check`: reads all that is stored in a data folder and says what is wrong with it.

use clap::Args;
use kindstore::store::{CheckReport, Flaw};
use serde::Serialize;

use super::failure::{Exit, Failure, Result};
use super::run::Run;
use super::safe::{self, sentence};
use super::session::Session;

#[derive(Args)]
pub(crate) struct Check {
    /// The form: text, or json
    #[arg(short, long, value_name = "FORM", default_value = "text", value_parser = ["text", "json"],
        hide_possible_values = true, hide_default_value = true)]
    output: String,
}

pub(crate) const EXAMPLES: &str = "\
Every record, every name and the whole change log are read, and counted against what the store says of itself. What is
damaged or lost is named; the exit code is 1 then, and 0 when the store is sound. Nothing that is stored is changed.
The store is not fixed: restore what is damaged from a copy.

Examples:
  kindstore check --store sled:kindstore-data/store
  kindstore check --store sled:copy-of-store -o json";

impl Run for Check {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let report = session.check()?;
        match self.output.as_str() {
            "json" => session.console.line(&json(&report)?)?,
            _ => session.console.print(&text(&report))?,
        }
        Ok(if report.is_sound() { Exit::Done } else { Exit::Refused })
    }
}

/// A line for each flaw, and one for the whole.
fn text(report: &CheckReport) -> String {
    let mut text: String = report.flaws.iter().map(|flaw| sentence(&flaw.to_string()) + "\n").collect();
    if report.more > 0 {
        text.push_str(&format!("and {} more\n", report.more));
    }
    let (word, found) = match report.flaws.len() as u64 + report.more {
        0 => ("sound", String::new()),
        1 => ("damaged", ", 1 problem".to_owned()),
        count => ("damaged", format!(", {count} problems")),
    };
    let CheckReport { revision, resources, names, .. } = report;
    text + &format!("{word}: revision {revision}, {resources} resources, {names} names{found}\n")
}

/// The report in the order in which its members are printed.
#[derive(Serialize)]
struct Report<'a> {
    sound: bool,
    revision: u64,
    resources: u64,
    names: u64,
    versions: u64,
    problems: Vec<Problem<'a>>,
    more: u64,
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    message: &'a str,
}

impl<'a> From<&'a Flaw> for Problem<'a> {
    fn from(flaw: &'a Flaw) -> Self {
        let Flaw { kind, namespace, key, message } = flaw;
        Problem { kind: kind.as_deref(), namespace: namespace.as_deref(), key: key.as_deref(), message }
    }
}

fn json(report: &CheckReport) -> Result<String> {
    let CheckReport { revision, resources, names, versions, flaws, more } = report;
    let problems = flaws.iter().map(Problem::from).collect();
    let sound = report.is_sound();
    let (revision, resources, names, versions, more) = (*revision, *resources, *names, *versions, *more);
    let report = Report { sound, revision, resources, names, versions, problems, more };
    serde_json::to_string_pretty(&report)
        .map(|text| safe::json(&text))
        .map_err(|error| Failure::refused(format!("the report cannot be written: {error}")))
}
