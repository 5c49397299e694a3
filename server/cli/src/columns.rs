//! Which columns the table of a kind has: what its resources have to say, and no kind's own list.

use kindstore::kind::KeyScheme;
use kindstore::{Json, Object};

use super::age::age;
use super::kind::Kind;
use super::output::Found;
use super::table::Table;

/// How tables are made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    pub(crate) is_wide: bool,
    /// Whether the resources come from several namespaces.
    pub(crate) has_namespaces: bool,
    /// Whether names have their kind before them, because there are tables of several kinds.
    pub(crate) has_kinds: bool,
    pub(crate) now: i64,
}

/// One table for each kind, with an empty line between.
pub(crate) fn tables(found: &Found, style: Style, width: Option<usize>) -> String {
    let mut tables: Vec<String> = Vec::new();
    let mut rest = found.items.as_slice();
    while let Some(((kind, _), _)) = rest.split_first() {
        // The items come kind by kind, so each table is one run of them.
        let count = rest.iter().take_while(|(other, _)| other.name == kind.name).count();
        let (same, others) = rest.split_at(count);
        let objects: Vec<&Object> = same.iter().map(|(_, object)| object).collect();
        tables.push(table(kind, &objects, style).render(width));
        rest = others;
    }
    tables.join("\n")
}

/// A column: its header, and what it says of a resource.
type Column<'a> = (&'static str, Box<dyn Fn(&Object) -> String + 'a>);

fn table(kind: &Kind, objects: &[&Object], style: Style) -> Table {
    let columns = columns(kind, objects, style);
    let mut table = Table::new(&columns.iter().map(|(header, _)| *header).collect::<Vec<_>>());
    for object in objects {
        table.push(columns.iter().map(|(_, cell)| cell(object)).collect());
    }
    table
}

fn columns<'a>(kind: &'a Kind, objects: &[&Object], style: Style) -> Vec<Column<'a>> {
    let has = |what: fn(&Object) -> Option<String>| objects.iter().any(|object| what(object).is_some());
    let mut columns: Vec<Column<'a>> = Vec::new();
    if style.has_namespaces {
        columns.push(("NAMESPACE", Box::new(|object| text(object.metadata.namespace.clone()))));
    }
    // The key comes first, so that it can be copied into the next command.
    let is_named = kind.key == KeyScheme::Name;
    let header = if kind.key == KeyScheme::Id { "ID" } else { "NAME" };
    columns.push((header, Box::new(move |object| first(kind, object, style))));
    if !is_named && has(|object| object.metadata.name.clone()) {
        columns.push(("TYPE", Box::new(|object| text(object.metadata.name.clone()))));
    }
    if has(state) {
        columns.push(("STATE", Box::new(|object| text(state(object)))));
    }
    if has(message) {
        columns.push(("MESSAGE", Box::new(|object| text(message(object)))));
    }
    columns.push(("VERSION", Box::new(|object| object.metadata.resource_version.to_string())));
    columns.push(("AGE", Box::new(move |object| age(object.metadata.created_at, style.now))));
    if style.is_wide {
        if kind.key != KeyScheme::Id {
            columns.push(("ID", Box::new(|object| object.metadata.id.to_string())));
        }
        columns
            .push(("MODIFIED", Box::new(move |object| text(object.metadata.modified_at.map(|it| age(it, style.now))))));
        columns.push(("LABELS", Box::new(|object| text(labels(object)))));
    }
    columns
}

fn first(kind: &Kind, object: &Object, style: Style) -> String {
    let key = match (&object.metadata.name, kind.key) {
        (Some(name), KeyScheme::Name) => name.clone(),
        (_, KeyScheme::Singleton) => kind.singular.clone(),
        _ => object.metadata.id.to_string(),
    };
    if style.has_kinds && !kind.is_singleton() { format!("{}/{key}", kind.singular) } else { key }
}

/// Returns the main word of the status: `state`, or the only word that it has.
fn state(object: &Object) -> Option<String> {
    let status = object.status.as_ref()?.to_value();
    let members = status.as_object()?;
    let found = members.get("state").and_then(Json::as_str).or_else(|| members.values().find_map(Json::as_str));
    found.map(str::to_owned)
}

/// Returns the message in the spec, which resources that describe an event have.
fn message(object: &Object) -> Option<String> {
    object.spec.as_ref()?.to_value().get("message")?.as_str().map(str::to_owned)
}

/// `team=web,tier=front`
pub(crate) fn labels(object: &Object) -> Option<String> {
    let labels = object.metadata.labels.as_ref().filter(|labels| !labels.is_empty())?;
    Some(labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","))
}

/// A cell; nothing is shown as something, so that columns can be counted.
fn text(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned())
}

/// Returns the note of `get` for an empty list.
pub(crate) fn nothing(namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => format!("No resources found in namespace {namespace:?}."),
        None => "No resources found.".to_owned(),
    }
}
