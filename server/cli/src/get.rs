//! `kindstore get`: shows resources.

use std::ops::ControlFlow;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::Object;
use kindstore::kind::Verb;

use super::access::{Collection, From, Look, Watching};
use super::age;
use super::candidates;
use super::columns::{self, Style};
use super::failure::{Exit, Failure, Result};
use super::kind::Kind;
use super::output::{self, Form, Found};
use super::run::Run;
use super::selector::Selection;
use super::session::{Opened, Purpose, Session};
use super::watch::{self, Shown};
use super::words::{self, Meant};

#[derive(Args)]
pub(crate) struct Get {
    /// KIND, KIND NAME..., KIND/NAME..., several kinds with commas, or all; a kind by any of its names
    #[arg(value_name = "WHAT", required = true, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    /// The form: table, wide, yaml, json, name or jsonpath='{.metadata.name}'
    #[arg(short, long, value_name = "FORM", default_value = "table", value_parser = output::form,
        add = ArgValueCompleter::new(candidates::forms))]
    output: Form,
    #[command(flatten)]
    selection: Selection,
    /// Look in all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// List the resources, then show changes as they happen; of one kind in one namespace
    #[arg(short, long)]
    watch: bool,
    /// Show the secret members of one resource
    #[arg(long)]
    reveal: bool,
    /// Show the store at this revision
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    revision: Option<u64>,
    /// Show this version of one resource, which may be deleted
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["revision", "reveal"],
        value_parser = clap::value_parser!(u64).range(1..))]
    version: Option<u64>,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  kindstore get deployments
  kindstore get deploy clicks -o yaml
  kindstore get deploy,target -n shop -o wide
  kindstore get deploy -l 'team in (web,data),!old' -A
  kindstore get deploy clicks --version 3 -o yaml
  kindstore get deploy --revision 41
  kindstore get deploy -w
  kindstore get deploy clicks -o jsonpath='{.spec.state}'
  kindstore get secret password --reveal -o jsonpath='{.spec.value}'";

impl Run for Get {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let namespace = session.namespace()?;
        if self.watch {
            return self.follow(session, &opened, namespace);
        }
        let (found, exit) = match words::read(&self.what, &opened.kinds)? {
            Meant::Some(named) => self.named(session, &opened, &namespace, &named)?,
            Meant::All(_) if self.reveal => return Err(Failure::usage("--reveal goes with one resource; name it")),
            Meant::All(kinds) if self.version.is_some() => {
                let [kind] = kinds.as_slice() else { return Err(many_versions()) };
                let found = if kind.is_singleton() { vec![(Arc::clone(kind), String::new())] } else { Vec::new() };
                self.named(session, &opened, &namespace, &found)?
            }
            Meant::All(kinds) => {
                let items = self.lists(&opened, &namespace, &kinds)?;
                (Found { items, is_single: matches!(kinds.as_slice(), [kind] if kind.is_singleton()) }, Exit::Done)
            }
        };
        self.show(session, &found, &namespace, exit)
    }
}

impl Get {
    /// Shows what there is, and then each change.
    fn follow(self, session: &mut Session, opened: &Opened, namespace: String) -> Result<Exit> {
        if self.all_namespaces || self.reveal {
            return Err(Failure::usage(
                "one kind in one namespace is watched, without secrets; leave out -A and --reveal",
            ));
        }
        let (kind, key) = watch::one_kind(words::read(&self.what, &opened.kinds)?)?;
        let collection = Collection::of(&kind, &namespace);
        let watching = Watching { collection, key, selection: self.selection, from: From::List };
        let mut shown = Shown::new(self.output, kind, false);
        opened.access.watch(&watching, &mut |event| {
            if let Some(text) = shown.text(event)? {
                session.console.document(&text)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Exit::Done)
    }

    fn show(&self, session: &mut Session, found: &Found, namespace: &str, exit: Exit) -> Result<Exit> {
        let is_wide = match &self.output {
            Form::Table => false,
            Form::Wide => true,
            form => {
                session.console.document(&output::render(form, found)?)?;
                return Ok(exit);
            }
        };
        let Some(((first, _), rest)) = found.items.split_first() else {
            let is_global = self.all_namespaces;
            session.console.note(&columns::nothing((!is_global).then_some(namespace)));
            return Ok(exit);
        };
        let has_kinds = rest.iter().any(|(kind, _)| kind.name != first.name);
        let style = Style { is_wide, has_namespaces: self.all_namespaces, has_kinds, now: age::now() };
        session.console.print(&columns::tables(found, style, session.console.width()))?;
        Ok(exit)
    }

    /// Resources by their names.
    // One that is missing does not keep the others from being shown, as kubectl does it.
    fn named(
        &self,
        session: &mut Session,
        opened: &Opened,
        namespace: &str,
        named: &[(Arc<Kind>, String)],
    ) -> Result<(Found, Exit)> {
        if self.all_namespaces || self.selection.is_given() {
            return Err(Failure::usage("-A and -l go with lists; leave out the names, or leave out the flags"));
        }
        if self.reveal && named.len() > 1 {
            return Err(Failure::usage("--reveal goes with one resource; name one only"));
        }
        if self.version.is_some() && named.len() != 1 {
            return Err(many_versions());
        }
        let (mut items, mut exit) = (Vec::new(), Exit::Done);
        let look = Look { reveal: self.reveal, revision: self.revision };
        for (kind, key) in named {
            let reference = words::reference(kind, namespace, key);
            let found = match self.version {
                Some(version) => opened.access.version(&reference, version).map(|version| version.object),
                None => opened.access.get(&reference, look),
            };
            match found {
                Ok(object) => items.push((Arc::clone(kind), object)),
                Err(failure) if named.len() == 1 || failure.exit == Exit::Unavailable => return Err(failure),
                Err(failure) => {
                    session.console.failure(&failure);
                    exit = failure.exit;
                }
            }
        }
        Ok((Found { is_single: named.len() == 1, items }, exit))
    }

    fn lists(&self, opened: &Opened, namespace: &str, kinds: &[Arc<Kind>]) -> Result<Vec<(Arc<Kind>, Object)>> {
        let mut items = Vec::new();
        let selection = self.selection.clone().at(self.revision);
        for kind in kinds {
            for collection in self.collections(opened, kind, namespace)? {
                let objects = list(opened, &collection, &selection)?;
                items.extend(objects.into_iter().map(|object| (Arc::clone(kind), object)));
            }
        }
        Ok(items)
    }

    /// Returns the collections of a kind that are listed: one, or that of each namespace.
    fn collections(&self, opened: &Opened, kind: &Arc<Kind>, namespace: &str) -> Result<Vec<Collection>> {
        if !kind.is_namespaced || !self.all_namespaces {
            return Ok(vec![Collection::of(kind, namespace)]);
        }
        let then = Selection::default().at(self.revision);
        // A list is of one namespace, so that each is asked. One that is deleted meanwhile fails the command: a list
        // without it would look complete.
        let all = opened.access.list(&Collection::of(opened.kinds.namespace()?, ""), &then)?;
        Ok(all
            .iter()
            .filter_map(|object| object.metadata.name.as_deref())
            .map(|name| Collection::of(kind, name))
            .collect())
    }
}

fn many_versions() -> Failure {
    Failure::usage("--version goes with one resource; name it")
}

/// All resources of a kind in a namespace; the only one where there is exactly one.
pub(crate) fn list(opened: &Opened, collection: &Collection, selection: &Selection) -> Result<Vec<Object>> {
    let Collection { kind, namespace } = collection;
    if kind.is_singleton() && !kind.allows(Verb::List) {
        let reference = words::reference(kind, namespace.as_deref().unwrap_or_default(), "");
        let look = Look { revision: selection.revision(), ..Look::default() };
        return Ok(vec![opened.access.get(&reference, look)?]);
    }
    opened.access.list(collection, selection)
}
