//! `kindstore explain`: what a kind and its members are for, from the definitions; and where the values of a document
//! come from.

use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::{Kind, Registry, Schema, suggestion};

use super::console::{HEAD, PLACE};
use super::failure::{Exit, Failure, Result};
use super::session::Session;
use super::{Run, candidates, effective};

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
    /// Ask no store for defaults
    #[arg(long, requires = "effective")]
    offline: bool,
    /// The form of what --effective shows: table, or json
    #[arg(short, long, value_name = "FORM", requires = "effective", value_parser = ["table", "json"],
        hide_possible_values = true)]
    output: Option<String>,
}

pub(crate) const EXAMPLES: &str = "\
It tells about the kinds that this program knows, and asks no server. Only --effective asks the store that is named or
configured for its defaults; with none, or with --offline, those of the definitions and of --defaults count.

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

fn find_kind<'r, 'p>(registry: &'r Registry, path: &'p str) -> Result<(&'r Kind, &'p str)> {
    let (word, path) = path.split_once('.').unwrap_or((path, ""));
    let kind = registry.find_word(word).ok_or_else(|| {
        let names = registry.kinds().iter().flat_map(|kind| [&*kind.name, &kind.plural, &kind.singular]);
        match suggestion(word, names) {
            Some(meant) => Failure::refused(format!("unknown kind {word:?}")).hint(format!("did you mean {meant}?")),
            None => Failure::from(registry.unknown(word)),
        }
    })?;
    Ok((kind, path))
}

/// What is at a path.
struct Found<'k> {
    schema: &'k Schema,
    is_required: bool,
}

/// The schema at a path of members; items of arrays and values of maps are passed through.
fn descend<'k>(kind: &'k Kind, path: &str) -> Result<Found<'k>> {
    let mut found = Found { schema: &kind.schema, is_required: false };
    let mut done = kind.singular.clone();
    for name in path.split('.').filter(|name| !name.is_empty()) {
        let schema = found.schema.innermost();
        let Some(next) = schema.member(name) else { return Err(no_member(&done, name, schema)) };
        found = Found { schema: next, is_required: schema.required.iter().any(|required| required == name) };
        done = format!("{done}.{name}");
    }
    Ok(found)
}

fn no_member(done: &str, name: &str, schema: &Schema) -> Failure {
    let names = schema.member_names();
    let failure = Failure::refused(format!("{done} has no member {name:?} that is declared"));
    match suggestion(name, names.iter().copied()) {
        Some(meant) => failure.hint(format!("did you mean {meant}?")),
        None if names.is_empty() => failure,
        None => failure.hint(format!("it has {}", names.join(", "))),
    }
}

/// The names of the members below a path, for completion.
pub(crate) fn members(path: &str) -> Vec<String> {
    let Ok(registry) = Registry::builtin() else { return Vec::new() };
    let Ok((kind, path)) = find_kind(&registry, path) else { return Vec::new() };
    descend(kind, path)
        .map(|found| found.schema.innermost().member_names().into_iter().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The path as a JSON pointer.
fn pointer(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("/{}", path.replace('.', "/")) }
}

/// Values that somebody may want to copy.
fn examples(text: &mut String, schema: &Schema) {
    if schema.examples.is_empty() {
        return;
    }
    text.push_str(&format!("\n{HEAD}EXAMPLES:{HEAD:#}\n"));
    for example in &schema.examples {
        text.push_str(&format!("  {}\n", example.to_word()));
    }
}

fn fields(text: &mut String, schema: &Schema, depth: usize, is_recursive: bool) {
    members_but(text, schema, None, depth, is_recursive);
}

/// All members but one.
fn members_but(text: &mut String, schema: &Schema, but: Option<&String>, depth: usize, is_recursive: bool) {
    let width = schema.properties.keys().map(String::len).max().unwrap_or_default();
    for (name, member) in schema.properties.iter().filter(|(name, _)| Some(*name) != but) {
        let required = if schema.required.contains(name) { " -required-" } else { "" };
        let indent = "  ".repeat(depth);
        let type_name = member.type_name();
        text.push_str(&format!("{indent}{name:width$}  {PLACE}<{type_name}>{PLACE:#}{required}\n"));
        if is_recursive {
            fields(text, member.innermost(), depth + 1, true);
            variants(text, member.innermost(), depth, true);
        } else if let Some(description) = &member.description {
            let description = description.trim_end().replace('\n', &format!("\n{indent}  "));
            text.push_str(&format!("{indent}  {description}\n"));
        }
    }
}

/// The members that an object has by the value of the one that tells variants apart.
fn variants(text: &mut String, schema: &Schema, depth: usize, is_recursive: bool) {
    let Some(discriminator) = &schema.discriminator else { return };
    let indent = "  ".repeat(depth);
    for variant in &schema.variants {
        let Some(value) = schema.variant_value(variant) else { continue };
        let by = &discriminator.property_name;
        let gap = if depth == 0 { "\n" } else { "" };
        text.push_str(&format!("{gap}{indent}{HEAD}FIELDS WHERE {by} IS {value}:{HEAD:#}\n"));
        members_but(text, variant, Some(by), depth + 1, is_recursive);
    }
}
