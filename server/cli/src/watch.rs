//! `kindstore watch`, and `get --watch`: shows changes as they come.

use std::ops::ControlFlow;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::{Json, Object};

use super::access::{self, Collection, Event, From, Watching};
use super::age;
use super::candidates;
use super::columns::{self, Style};
use super::failure::{Exit, Failure, Result};
use super::kind::Kind;
use super::output::{self, Form, Found};
use super::run::Run;
use super::safe;
use super::selector::Selection;
use super::session::{Purpose, Session};
use super::words::{self, Meant};

#[derive(Args)]
pub(crate) struct Watch {
    /// KIND, KIND NAME or KIND/NAME
    #[arg(value_name = "WHAT", required = true, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    /// Where to begin: now, with a list of the resources, or after the cursor of an earlier event
    #[arg(long, value_name = "now|list|CURSOR", default_value = "now", value_parser = access::from)]
    from: From,
    /// The form: table, wide, yaml, json (a line for each event), name or jsonpath='{.metadata.name}'
    #[arg(short, long, value_name = "FORM", default_value = "table", value_parser = output::form,
        add = ArgValueCompleter::new(candidates::forms))]
    output: Form,
    #[command(flatten)]
    selection: Selection,
    /// End after so many events
    #[arg(long, value_name = "COUNT")]
    count: Option<u64>,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  kindstore watch deployments
  kindstore watch deploy clicks --from list
  kindstore watch deploy -l team=web -o json | jq .object.status.state
  kindstore watch deploy --from 41.3 --count 10";

impl Run for Watch {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let (kind, key) = one_kind(words::read(&self.what, &opened.kinds)?)?;
        let namespace = if kind.is_namespaced { session.namespace()? } else { String::new() };
        let collection = Collection::of(&kind, &namespace);
        let watching = Watching { collection, key, selection: self.selection, from: self.from };
        let mut shown = Shown::new(self.output, kind, true);
        let mut left = self.count;
        opened.access.watch(&watching, &mut |event| {
            if let Some(text) = shown.text(event)? {
                session.console.document(&text)?;
            // A bookmark shows nothing and counts for nothing.
            } else if event.object.is_none() {
                return Ok(ControlFlow::Continue(()));
            }
            left = left.map(|left| left.saturating_sub(1));
            Ok(if left == Some(0) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(Exit::Done)
    }
}

/// The one kind that is watched, and the name or id of the only resource.
pub(super) fn one_kind(meant: Meant) -> Result<(Arc<Kind>, String)> {
    match meant {
        Meant::All(kinds) => match <[_; 1]>::try_from(kinds) {
            Ok([kind]) => Ok((kind, String::new())),
            Err(_) => Err(Failure::usage("one kind is watched at a time")),
        },
        Meant::Some(named) => match <[_; 1]>::try_from(named) {
            Ok([only]) => Ok(only),
            Err(_) => Err(Failure::usage("one resource is watched at a time; leave out the names for all")),
        },
    }
}

/// How events are shown.
pub(super) struct Shown {
    form: Form,
    kind: Arc<Kind>,
    /// Whether it is said what happened, and not just how resources are now.
    has_words: bool,
    has_header: bool,
}

impl Shown {
    pub(super) fn new(form: Form, kind: Arc<Kind>, has_words: bool) -> Self {
        Self { form, kind, has_words, has_header: false }
    }

    /// The text for an event, if it shows.
    pub(super) fn text(&mut self, event: &Event) -> Result<Option<String>> {
        let Some(object) = &event.object else { return Ok(None) };
        Ok(Some(match &self.form {
            Form::Table => self.row(event.word, object, false),
            Form::Wide => self.row(event.word, object, true),
            Form::Json if self.has_words => safe::json(&shown_event(event, object).to_text()) + "\n",
            Form::Json => safe::json(&object.to_json()) + "\n",
            Form::Yaml if self.has_words => format!("---\n{}", output::yaml(&shown_event(event, object))),
            Form::Yaml => format!("---\n{}", output::yaml(&object.to_value())),
            form => output::render(form, &self.found(object))? + if matches!(form, Form::Name) { "" } else { "\n" },
        }))
    }

    fn found(&self, object: &Object) -> Found {
        Found { items: vec![(Arc::clone(&self.kind), object.clone())], is_single: true }
    }

    /// A row of a table that grows, with the header before the first one.
    fn row(&mut self, word: &str, object: &Object, is_wide: bool) -> String {
        let style = Style { is_wide, now: age::now(), ..Style::default() };
        let table = columns::tables(&self.found(object), style, None);
        let mut out = String::new();
        for (index, line) in table.lines().enumerate() {
            // Rows come one by one, so that columns are as wide as their own cells; the header is printed once.
            if index == 0 && std::mem::replace(&mut self.has_header, true) {
                continue;
            }
            if self.has_words {
                out.push_str(&format!("{:<10}", if index == 0 { "EVENT" } else { word }));
            }
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

fn shown_event(event: &Event, object: &Object) -> Json {
    let members = [
        ("type", Json::from(event.word)),
        ("cursor", Json::from(event.cursor.as_str())),
        ("object", object.to_value()),
    ];
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
