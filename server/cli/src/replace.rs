//! `kindstore replace`: puts whole documents in the place of what is there.

use clap::Args;
use kindstore::Json;

use super::access::{Access, Action, Look, Options, Write};
use super::batch::{self, Done, Writing};
use super::failure::{Exit, Failure, Result};
use super::manifest::Item;
use super::run::Run;
use super::session::{Purpose, Session};
use super::source::{self, Files};

#[derive(Args)]
pub(crate) struct Replace {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
A document with metadata.resourceVersion replaces that version only.

Examples:
  kindstore replace -f deployment.yaml
  kindstore get deploy clicks -o yaml | sed 's/1.20/1.21/' | kindstore replace -f -";

impl Run for Replace {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let input = source::input(&self.files)?;
        // A replace makes nothing, and no store either.
        let opened = session.open(Purpose::Read)?;
        let items = source::items(session, &opened, input)?;
        source::remark_twice(session, &items);
        let options = self.writing.options();
        batch::each(session, &items, &self.writing, |item| replace(opened.access.as_ref(), item, options))
    }
}

fn replace(access: &dyn Access, item: &Item, options: Options) -> Result<Done> {
    if item.reference.key.is_empty() && !item.reference.kind.is_singleton() {
        return Err(batch::nameless(item, "replace"));
    }
    let current = access.get(&item.reference, Look::default()).map_err(|failure| match failure.is("NotFound") {
        true => failure.hint("`kindstore apply` and `kindstore create` make new ones"),
        false => failure,
    })?;
    // The version that was read is demanded, so that a replace never creates and never overwrites another change.
    let expected = version(item)?.unwrap_or(current.metadata.resource_version);
    let options = Options { expected: Some(expected), ..options };
    let (reference, text) = (&item.reference, item.manifest.text());
    let written = access.write(&Write { action: Action::Upsert, reference, text, options })?;
    // By the version and not by what was stored, so that a dry run has the same words.
    let was_changed = current.metadata.resource_version != written.object.metadata.resource_version;
    Ok(Done { word: if was_changed { "replaced" } else { "unchanged" }.into(), written })
}

/// The version that a document says it is of. Programs write an empty text or 0 for one that they leave out.
fn version(item: &Item) -> Result<Option<u64>> {
    let given = item.manifest.value().at("/metadata/resourceVersion");
    let spelling = match given {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Number(number)) => number.text(),
        // As everywhere a text that is exactly a number is one.
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_text(),
    };
    match spelling.parse() {
        _ if spelling.is_empty() => Ok(None),
        Ok(0) => Ok(None),
        Ok(version) => Ok(Some(version)),
        // Not passed over: who gives a version does not want to overwrite another one.
        Err(_) => Err(Failure::refused(format!("metadata.resourceVersion {spelling:?} is not a version"))
            .hint("leave it out to replace whatever version is there")),
    }
}
