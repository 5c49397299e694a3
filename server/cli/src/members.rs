//! The members of a kind: found by a path, and listed.

use kindstore::Registry;
use kindstore::kind::{Kind, Schema};
use kindstore::validation::suggestion;

use super::console::{HEAD, PLACE};
use super::failure::{Failure, Result};

/// The schema at a path.
pub(crate) struct Found<'k> {
    pub(crate) schema: &'k Schema,
    pub(crate) is_required: bool,
}

/// The schema at a path of members; items of arrays and values of maps are passed through.
pub(crate) fn descend<'k>(kind: &'k Kind, path: &str) -> Result<Found<'k>> {
    let mut found = Found { schema: &kind.schema, is_required: false };
    let mut done = kind.singular.clone();
    for name in path.split('.').filter(|name| !name.is_empty()) {
        // Items of arrays and values of maps have no name in a path, so they are passed through.
        let schema = found.schema.innermost();
        let Some(next) = schema.member(name) else { return Err(no_member(&done, name, schema)) };
        found = Found { schema: next, is_required: schema.required.iter().any(|required| required == name) };
        done = format!("{done}.{name}");
    }
    Ok(found)
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

/// The names of the members below a path, for completion.
pub(crate) fn members(path: &str) -> Vec<String> {
    let Ok(registry) = Registry::builtin() else { return Vec::new() };
    let Ok((kind, path)) = find_kind(&registry, path) else { return Vec::new() };
    descend(kind, path)
        .map(|found| found.schema.innermost().member_names().into_iter().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The members that an object has by the value of the discriminator of its variants.
pub(crate) fn variants(text: &mut String, schema: &Schema, depth: usize, is_recursive: bool) {
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

fn no_member(done: &str, name: &str, schema: &Schema) -> Failure {
    let names = schema.member_names();
    let failure = Failure::refused(format!("{done} has no member {name:?} that is declared"));
    match suggestion(name, names.iter().copied()) {
        Some(meant) => failure.hint(format!("did you mean {meant}?")),
        None if names.is_empty() => failure,
        None => failure.hint(format!("it has {}", names.join(", "))),
    }
}

/// The path as a JSON pointer.
pub(crate) fn pointer(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("/{}", path.replace('.', "/")) }
}

pub(crate) fn fields(text: &mut String, schema: &Schema, depth: usize, is_recursive: bool) {
    members_but(text, schema, None, depth, is_recursive);
}

pub(crate) fn find_kind<'r, 'p>(registry: &'r Registry, path: &'p str) -> Result<(&'r Kind, &'p str)> {
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
