//! `kindstore describe`: one resource, for people: what it is, what it says, and what belongs to it.

use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::kind::Verb;
use kindstore::manifest::to_yaml;
use kindstore::{Json, Object, StringMap, Timestamp};

use super::access::Collection;
use super::age::{self, age};
use super::candidates;
use super::columns::{self, Style};
use super::console::HEAD;
use super::failure::{Exit, Result};
use super::kind::Kind;
use super::output::Found;
use super::run::Run;
use super::safe;
use super::selector::Selection;
use super::session::{Opened, Purpose, Session};
use super::words::{self, Meant};
use super::{
    access::{Look, Reference},
    get,
};

#[derive(Args)]
pub(crate) struct Describe {
    /// KIND NAME..., KIND/NAME..., or KIND for all of them
    #[arg(value_name = "WHAT", required = true, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
}

pub(crate) const EXAMPLES: &str = "\
Resources that refer to it by its id are listed at the end.

Examples:
  kindstore describe deploy clicks
  kindstore describe deploy/clicks target/jobs
  kindstore describe target -n shop";

impl Run for Describe {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let namespace = session.namespace()?;
        let references = match words::read(&self.what, &opened.kinds)? {
            Meant::Some(named) => named.iter().map(|(kind, key)| words::reference(kind, &namespace, key)).collect(),
            Meant::All(kinds) => all(&opened, &kinds, &namespace)?,
        };
        if references.is_empty() {
            session.console.note(&columns::nothing(Some(&namespace)));
        }
        for (index, reference) in references.iter().enumerate() {
            let object = opened.access.get(reference, Look::default())?;
            let mut text = if index > 0 { "\n\n".to_owned() } else { String::new() };
            text.push_str(&describe(reference, &object, age::now()));
            text.push_str(&related(&opened, reference, &object, session.console.width())?);
            session.console.print(&text)?;
        }
        Ok(Exit::Done)
    }
}

fn all(opened: &Opened, kinds: &[Arc<Kind>], namespace: &str) -> Result<Vec<Reference>> {
    let mut references = Vec::new();
    for kind in kinds {
        let objects = get::list(opened, &Collection::of(kind, namespace), &Selection::default())?;
        references.extend(objects.iter().map(|object| Reference::of(kind, object)));
    }
    Ok(references)
}

fn describe(reference: &Reference, object: &Object, now: i64) -> String {
    let metadata = &object.metadata;
    let time = |time: Timestamp| format!("{time} ({} ago)", age(time, now));
    let mut text = String::new();
    let mut line = |title: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!("{HEAD}{title:<13}{HEAD:#}{}\n", safe::lines(&value)));
        }
    };
    line("Name:", metadata.name.clone());
    line("Namespace:", metadata.namespace.clone());
    line("Kind:", Some(format!("{} ({})", reference.kind.name, object.api_version)));
    line("ID:", Some(metadata.id.to_string()));
    line("Version:", Some(metadata.resource_version.to_string()));
    line("Created:", Some(time(metadata.created_at)));
    line("Modified:", metadata.modified_at.map(time));
    line("Labels:", metadata.labels.as_ref().map(pairs));
    line("Annotations:", metadata.annotations.as_ref().map(pairs));
    let extra = metadata.extra.as_ref().map(kindstore::JsonText::to_value);
    for (name, part) in [
        ("Metadata", extra),
        ("Spec", object.spec.as_ref().map(|it| it.to_value())),
        ("Status", object.status.as_ref().map(|it| it.to_value())),
    ] {
        if let Some(part) = part.filter(|part| part.as_object().is_some_and(|members| !members.is_empty())) {
            text.push_str(&format!("{HEAD}{name}:{HEAD:#}\n{}", indented(&part)));
        }
    }
    text
}

/// One pair a line, below each other.
fn pairs(map: &StringMap) -> String {
    let pairs: Vec<_> = map.iter().map(|(name, value)| safe::shown(&format!("{name}={value}"))).collect();
    if pairs.is_empty() { "-".to_owned() } else { pairs.join(&format!("\n{:13}", "")) }
}

fn indented(value: &Json) -> String {
    to_yaml(value).lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

/// Tables of the resources that name this one's id in their metadata, as `deploymentId` does.
fn related(opened: &Opened, reference: &Reference, object: &Object, width: Option<usize>) -> Result<String> {
    let mut letters = reference.kind.name.chars();
    let member = letters.next().map(|first| format!("{}{}Id", first.to_ascii_lowercase(), letters.as_str()));
    let (member, id) = (member.unwrap_or_default(), Json::from(object.metadata.id.to_string()));
    let registry = kindstore::Registry::builtin()?;
    let mut text = String::new();
    for kind in opened.kinds.iter().filter(|kind| kind.allows(Verb::List) && kind.is_namespaced) {
        if !registry.find(&kind.name).is_some_and(|known| known.has_metadata(&member)) {
            continue;
        }
        let objects = opened.access.list(
            &Collection { kind: Arc::clone(kind), namespace: reference.namespace.clone() },
            &Selection::default(),
        )?;
        let refers = |object: &Object| {
            object.metadata.extra.as_ref().is_some_and(|extra| extra.to_value().get(&member) == Some(&id))
        };
        let items: Vec<_> = objects.into_iter().filter(refers).map(|object| (Arc::clone(kind), object)).collect();
        if !items.is_empty() {
            let style = Style { now: age::now(), ..Style::default() };
            let found = Found { items, is_single: false };
            text.push_str(&format!("{HEAD}{}:{HEAD:#}\n{}", kind.plural, columns::tables(&found, style, width)));
        }
    }
    Ok(text)
}
