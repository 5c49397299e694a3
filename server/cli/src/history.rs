//! `kindstore history`: the versions of one resource, and what each of them changed.

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::patch::difference;
use kindstore::validation::attribute;
use kindstore::{Comparison, History, Json, Object, Timestamp, Version};

use super::age::{self, age};
use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::output::{self, Form};
use super::run::Run;
use super::safe;
use super::session::{Purpose, Session};
use super::table::Table;
use super::words;

/// How many places a table names before it counts the others.
const PLACES: usize = 2;

#[derive(Args)]
pub(crate) struct Show {
    /// KIND NAME, or KIND/NAME; the id of a deleted one, where another resource has its name by now
    #[arg(value_name = "WHAT", required = true, num_args = 1..=2, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    /// Leave out versions that changed the status only
    #[arg(long)]
    authored: bool,
    /// The form: table, wide (with every place that changed), yaml, json or jsonpath='{.metadata.deleted}'
    #[arg(short, long, value_name = "FORM", default_value = "table", value_parser = form,
        add = ArgValueCompleter::new(candidates::history_forms))]
    output: Form,
}

pub(crate) const EXAMPLES: &str = "\
The newest version comes first. Each row says when it was stored and what it changed of the version before it.

Examples:
  kindstore history deploy clicks
  kindstore history deploy/clicks --authored -o wide
  kindstore history deploy clicks -o yaml";

/// The forms of a history; it has no names of resources.
fn form(text: &str) -> std::result::Result<Form, String> {
    match output::form(text) {
        Ok(Form::Name) => Err("the forms are table, wide, yaml, json and jsonpath='{.items[*].version}'".to_owned()),
        other => other,
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let reference = words::one(&self.what, &opened.kinds, &session.namespace()?)?;
        let mut history = opened.access.versions(&reference, None)?;
        let is_wide = matches!(self.output, Form::Wide);
        // Before versions are left out: the changes of each are those from the one before it, which may be one of them.
        let rows = rows(&history, is_wide, self.authored);
        history.versions.retain(|version| version.is_authored || !self.authored);
        let text = match &self.output {
            Form::Table | Form::Wide => {
                let header = ["VERSION", "REVISION", "CHANGED", "WHAT", "TIME", "ENDED", "BY"];
                let columns = if is_wide { header.len() } else { 4 };
                let mut table = Table::new(&header[..columns]);
                rows.into_iter().for_each(|row| table.push(row.into_iter().take(columns).collect()));
                table.render(session.console.width())
            }
            Form::Json => {
                serde_json::to_string_pretty(&value(&history))
                    .map(|text| safe::json(&text))
                    .map_err(|error| Failure::refused(format!("the versions cannot be written: {error}")))?
                    + "\n"
            }
            Form::JsonPath(template) => template.render(&value(&history).into()),
            Form::Yaml | Form::Name => output::yaml(&value(&history)),
        };
        session.console.document(&text)?;
        if history.is_deleted {
            session.console.note(&format!("{reference} is deleted; `kindstore undelete` restores it"));
        }
        Ok(Exit::Done)
    }
}

fn rows(history: &History, is_wide: bool, only_authored: bool) -> Vec<Vec<String>> {
    let (now, versions) = (age::now(), &history.versions);
    let shown = versions.iter().enumerate().filter(|(_, version)| version.is_authored || !only_authored);
    let row = |(index, version): (usize, &Version)| {
        let time = changed_at(&version.object);
        vec![
            version.object.metadata.resource_version.to_string(),
            version.revision.to_string(),
            age(time, now),
            what(version, versions.get(index + 1), if is_wide { usize::MAX } else { PLACES }),
            time.to_string(),
            version.ended.map_or_else(|| "-".to_owned(), |ended| ended.to_string()),
            if version.is_authored { "user" } else { "system" }.to_owned(),
        ]
    };
    shown.map(row).collect()
}

fn changed_at(object: &Object) -> Timestamp {
    object.metadata.modified_at.unwrap_or(object.metadata.created_at)
}

/// Returns the members that a version changed.
fn what(version: &Version, before: Option<&Version>, most: usize) -> String {
    let Some(before) = before else {
        let is_first = version.object.metadata.resource_version == 1;
        return if is_first { "created" } else { "the oldest that is kept" }.to_owned();
    };
    // A version ends when the next one begins, unless the resource was deleted in between.
    let is_back = before.ended.is_some_and(|ended| ended < version.revision);
    let found = difference(&before.object.to_value(), &version.object.to_value());
    let places = found.iter().map(|it| it.pointer.as_str()).filter(|pointer| Comparison::includes(pointer));
    let mut changed: Vec<_> =
        is_back.then(|| "undeleted".to_owned()).into_iter().chain(places.map(attribute)).collect();
    if changed.len() > most {
        let others = changed.len() - most;
        changed.truncate(most);
        return format!("{} and {others} more", changed.join(", "));
    }
    if changed.is_empty() { "-".to_owned() } else { changed.join(", ") }
}

/// A history as REST answers it.
fn value(history: &History) -> Json {
    let object = |members: Vec<(&str, Json)>| {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let number = |number: u64| Json::from(serde_json::json!(number));
    let version = |version: &Version| {
        let mut members = vec![
            ("version", number(version.object.metadata.resource_version)),
            ("revision", number(version.revision)),
            ("authored", Json::from(version.is_authored)),
            ("resource", version.object.to_value()),
        ];
        members.extend(version.ended.map(|ended| ("endedRevision", number(ended))));
        object(members)
    };
    object(vec![
        ("kind", "VersionList".into()),
        ("apiVersion", "v1".into()),
        ("metadata", object(vec![("deleted", Json::from(history.is_deleted))])),
        ("items", Json::Array(history.versions.iter().map(version).collect())),
    ])
}
