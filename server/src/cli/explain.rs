//! `kindstore explain`: what a kind and its members are for, from the definitions.

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::{Json, Kind, Registry, Schema};

use super::Run;
use super::candidates;
use super::console::{HEAD, PLACE};
use super::failure::{Exit, Failure, Result};
use super::session::Session;

#[derive(Args)]
pub(crate) struct Explain {
    /// KIND, or a member of it: deployment.spec.template
    #[arg(value_name = "KIND[.PATH]", add = ArgValueCompleter::new(candidates::members))]
    path: String,
    /// Show all members below, not only the next ones
    #[arg(long)]
    recursive: bool,
}

pub(crate) const EXAMPLES: &str = "\
It tells about the kinds that this program knows, and asks no server.

Examples:
  kindstore explain deployment
  kindstore explain deploy.spec.template.spec.artifact
  kindstore explain deploy --recursive";

impl Run for Explain {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let registry = Registry::builtin()?;
        let (kind, path) = find_kind(&registry, &self.path)?;
        let schema = descend(kind, path)?;
        let mut text = format!("{HEAD}KIND:{HEAD:#}     {}\n{HEAD}VERSION:{HEAD:#}  {}\n", kind.name, kind.api_version);
        if !path.is_empty() {
            text.push_str(&format!("{HEAD}FIELD:{HEAD:#}    {path} {PLACE}<{}>{PLACE:#}\n", type_name(schema)));
        }
        let description = if path.is_empty() { Some(kind.description.as_str()) } else { schema.description.as_deref() };
        text.push_str(&format!(
            "\n{HEAD}DESCRIPTION:{HEAD:#}\n  {}\n",
            description.unwrap_or("There is no description.")
        ));
        for remark in remarks(kind, path, schema) {
            text.push_str(&format!("  {remark}\n"));
        }
        if !schema.properties.is_empty() {
            text.push_str(&format!("\n{HEAD}FIELDS:{HEAD:#}\n"));
            fields(&mut text, schema, 1, self.recursive);
        }
        session.console.print(&text)?;
        Ok(Exit::Done)
    }
}

fn find_kind<'r, 'p>(registry: &'r Registry, path: &'p str) -> Result<(&'r Kind, &'p str)> {
    let (word, path) = path.split_once('.').unwrap_or((path, ""));
    let kind = registry.find_word(word).ok_or_else(|| Failure::from(registry.unknown(word)))?;
    Ok((kind, path))
}

/// The schema at a path of members; items of arrays and values of maps are passed through.
fn descend<'k>(kind: &'k Kind, path: &str) -> Result<&'k Schema> {
    let mut schema = &kind.schema;
    let mut done = kind.singular.clone();
    for name in path.split('.').filter(|name| !name.is_empty()) {
        schema = inner(schema);
        let next = schema.member(name);
        schema = next.ok_or_else(|| {
            let names: Vec<_> = schema.properties.keys().map(String::as_str).collect();
            let failure = Failure::refused(format!("{done} has no member {name:?} that is declared"));
            match names.is_empty() {
                true => failure,
                false => failure.hint(format!("it has {}", names.join(", "))),
            }
        })?;
        done = format!("{done}.{name}");
    }
    Ok(inner(schema))
}

/// What the items of an array are, and theirs.
fn inner(schema: &Schema) -> &Schema {
    let mut schema = schema;
    while let Some(items) = &schema.items {
        schema = items;
    }
    schema
}

/// The names of the members below a path, for completion.
pub(crate) fn members(path: &str) -> Vec<String> {
    let Ok(registry) = Registry::builtin() else { return Vec::new() };
    let Ok((kind, path)) = find_kind(&registry, path) else { return Vec::new() };
    descend(kind, path).map(|schema| schema.properties.keys().cloned().collect()).unwrap_or_default()
}

/// What can be said about a value beside its description.
fn remarks(kind: &Kind, path: &str, schema: &Schema) -> Vec<String> {
    let pointer = if path.is_empty() { String::new() } else { format!("/{}", path.replace('.', "/")) };
    let mut remarks = Vec::new();
    if !schema.allowed.is_empty() {
        remarks.push(format!("One of {}.", schema.allowed.iter().map(word).collect::<Vec<_>>().join(", ")));
    }
    if let Some(default) = &schema.default {
        remarks.push(format!("Without it, it is {}.", word(default)));
    }
    if schema.read_only {
        remarks.push("It is written by the system.".to_owned());
    }
    if kind.immutable.contains(&pointer) {
        remarks.push("It never changes after creation.".to_owned());
    }
    if kind.secret.contains(&pointer) {
        remarks.push("It is secret: only `get NAME --reveal` shows it.".to_owned());
    }
    remarks
}

fn word(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_text(), str::to_owned)
}

fn fields(text: &mut String, schema: &Schema, depth: usize, is_recursive: bool) {
    let width = schema.properties.keys().map(String::len).max().unwrap_or_default();
    for (name, member) in &schema.properties {
        let required = if schema.required.contains(name) { " -required-" } else { "" };
        let indent = "  ".repeat(depth);
        text.push_str(&format!("{indent}{name:width$}  {PLACE}<{}>{PLACE:#}{required}\n", type_name(member)));
        if is_recursive {
            fields(text, inner(member), depth + 1, true);
        } else if let Some(description) = &member.description {
            text.push_str(&format!("{indent}  {description}\n"));
        }
    }
}

fn type_name(schema: &Schema) -> String {
    if let Some(items) = &schema.items {
        return format!("[]{}", type_name(items));
    }
    if schema.is_string_map() {
        return "map[string]string".to_owned();
    }
    match schema.json_type {
        Some(json_type) => json_type.name().rsplit(' ').next().unwrap_or_default().to_owned(),
        None => "any".to_owned(),
    }
}
