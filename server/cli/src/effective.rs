//! `kindstore explain --effective`: the values that a new resource would have, and where each comes from.

use std::path::Path;
use std::sync::Arc;

use kindstore::kind::{Kind, Scope};
use kindstore::validation::{ManifestValidator, SourcedValue, sourced_values};
use kindstore::{FieldValidation, Json, Registry};
use serde_json::{Value, json};

use super::access::Look;
use super::console::{HEAD, PLACE};
use super::failure::{Exit, Failure, Result};
use super::hidden::{HIDDEN, is_open};
use super::manifest::Manifest;
use super::safe;
use super::session::{Opened, Purpose, Session};
use super::table::Table;
use super::verdict::pretty;
use super::{source, verdict, words};

/// The arguments of the command.
pub(crate) struct Asked<'a> {
    pub(crate) filename: &'a [String],
    pub(crate) defaults: Option<&'a Path>,
    pub(crate) is_offline: bool,
    pub(crate) is_json: bool,
}

/// The values of one document.
struct Shown {
    place: String,
    name: String,
    values: Vec<SourcedValue>,
}

/// Shows the values of all documents.
pub(crate) fn show(session: &mut Session, registry: &Registry, asked: &Asked<'_>) -> Result<Exit> {
    let mut manifests = Vec::new();
    for text in asked.filename.iter().flat_map(|named| source::texts(named, true)) {
        let (origin, text) = text?;
        let (documents, format) = source::read(&origin, &text)?;
        manifests.extend(source::manifests_of(&Arc::from(origin), documents, format));
    }
    let given = asked.defaults.map(verdict::defaults).transpose()?.unwrap_or_default();
    // A server is asked only where one is named: the command also serves people who have none.
    let opened = if asked.is_offline || !session.has_place()? { None } else { Some(session.open(Purpose::Read)?) };
    let shown = manifests
        .iter()
        .map(|manifest| one(session, registry, opened.as_ref(), &given, manifest))
        .collect::<Result<Vec<_>>>()?;
    if asked.is_json {
        return Ok(session.console.print(&json_text(&shown)?).map(|()| Exit::Done)?);
    }
    let width = session.console.width();
    for (index, shown) in shown.iter().enumerate() {
        let gap = if index > 0 { "\n" } else { "" };
        let head =
            format!("{gap}{PLACE}{}{PLACE:#}: {HEAD}{}{HEAD:#}\n", safe::shown(&shown.place), safe::shown(&shown.name));
        session.console.print(&(head + &table(shown).render(width)))?;
    }
    Ok(Exit::Done)
}

fn one(
    session: &Session,
    registry: &Registry,
    opened: Option<&Opened>,
    given: &[Json],
    manifest: &Manifest,
) -> Result<Shown> {
    let document = manifest.value();
    let name = document.get("kind").and_then(Json::as_str).unwrap_or_default();
    let kind = registry.find(name).ok_or_else(|| manifest.locate(Failure::from(registry.unknown(name))))?;
    let own = document.at("/metadata/namespace").and_then(Json::as_str);
    let fallback = if opened.is_some() { session.namespace()? } else { "default".to_owned() };
    let namespace = session.globals.namespace.as_deref().or(own).unwrap_or(&fallback);
    let layers = match opened {
        Some(opened) => asked_for(registry, opened, kind, namespace)?,
        None => Vec::new(),
    };
    let terms = ManifestValidator { registry, namespace: Some(namespace), field_validation: FieldValidation::Ignore };
    let scope = (kind.scope == Scope::Namespaced).then_some(namespace);
    // A file with defaults takes the place of the store's own.
    let all: Vec<&Json> = layers.iter().chain(given).collect();
    let mut values = sourced_values(kind, document, &terms.layers(kind, scope, &all));
    for value in values.iter_mut().filter(|value| !is_open(kind, &value.pointer)) {
        value.value = HIDDEN.into();
    }
    let metadata = document.at("/metadata/name").and_then(Json::as_str);
    let name = metadata.map_or_else(|| kind.singular.clone(), |name| format!("{}/{name}", kind.singular));
    Ok(Shown { place: manifest.place(), name, values })
}

/// The documents with defaults for a kind that a store has.
fn asked_for(registry: &Registry, opened: &Opened, kind: &Kind, namespace: &str) -> Result<Vec<Json>> {
    let mut found = Vec::new();
    for name in &kind.defaults_from {
        let Ok(supplier) = opened.kinds.find(name) else { continue };
        if registry.find(name).is_none() {
            continue;
        }
        match opened.access.get(&words::reference(supplier, namespace, ""), Look::default()) {
            Ok(object) => found.push(object.to_value()),
            Err(failure) if failure.is("NotFound") => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(found)
}

fn table(shown: &Shown) -> Table {
    let mut table = Table::new(&["VALUE AT", "VALUE", "FROM"]);
    for SourcedValue { pointer, value, from } in &shown.values {
        let place = kindstore::validation::attribute(pointer);
        table.push(vec![place, value.to_word(), from.clone()]);
    }
    table
}

fn json_text(shown: &[Shown]) -> Result<String> {
    let value = |SourcedValue { pointer, value, from }: &SourcedValue| json!({"pointer": pointer, "value": Value::from(value.clone()), "from": from});
    let document = |shown: &Shown| {
        let values: Vec<Value> = shown.values.iter().map(value).collect();
        json!({"place": shown.place, "name": shown.name, "values": values})
    };
    pretty(&Value::Array(shown.iter().map(document).collect()))
}
