//! `kindstore edit`: one resource in the editor, and back. What was typed is never lost.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::kind::Verb;
use kindstore::manifest::{Format, Limits, Members};
use kindstore::{Json, Object};
use tempfile::TempPath;

use super::access::{Access, Action, Look, Options, Reference, Text, Write, WriteOutcome};
use super::batch::{Done, Report, Writing};
use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::manifest;
use super::output;
use super::run::Run;
use super::session::{Purpose, Session};
use super::words;

#[derive(Args)]
pub(crate) struct Edit {
    /// KIND NAME, or KIND/NAME
    #[arg(value_name = "WHAT", required = true, num_args = 1..=2, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    #[command(flatten)]
    writing: Writing,
}

pub(crate) const EXAMPLES: &str = "\
The editor is $VISUAL, else $EDITOR, else vi. A text that is refused comes up again with the problems at its beginning;
saving it unchanged gives up. The text is then kept in a file that is named.

Examples:
  kindstore edit deploy clicks
  EDITOR='code --wait' kindstore edit deploy/clicks";

/// The beginning of lines that this command writes.
const OURS: &str = "#: ";

/// How often the editor is opened.
// A person gives up before; a program in the editor's place may never.
const MAX_ATTEMPTS: u32 = 50;

/// One resource that is being edited.
struct Editing<'a> {
    access: &'a dyn Access,
    reference: Reference,
    /// The resource as it was read; what is written must not overwrite anything newer.
    object: Object,
    options: Options,
}

impl Run for Edit {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let opened = session.open(Purpose::Read)?;
        let reference = words::one(&self.what, &opened.kinds, &session.namespace()?)?;
        let kind = &reference.kind;
        if !kind.allows(Verb::Upsert) && !kind.allows(Verb::Patch) {
            let message = format!("{} cannot be changed; it supports {}", kind.name, kind.verb_names());
            return Err(Failure::new("MethodNotAllowed", message));
        }
        let object = opened.access.get(&reference, Look::default())?;
        // An editor may be open for hours. The version that was read is demanded, so that nothing newer is overwritten.
        let options = Options { expected: Some(object.metadata.resource_version), ..self.writing.options() };
        let editing = Editing { access: opened.access.as_ref(), reference, object, options };
        let Some(written) = editing.run()? else {
            session.console.note("nothing was changed");
            return Ok(Exit::Done);
        };
        for warning in &written.warnings {
            session.console.warning("the text", warning);
        }
        let mut report = Report::new(&self.writing);
        report.add(session, &editing.reference.kind, Done { word: "edited".into(), written })?;
        report.finish(session)?;
        Ok(Exit::Done)
    }
}

impl Editing<'_> {
    /// Opens the editor until the text is accepted or given up. None if nothing was changed.
    fn run(&self) -> Result<Option<WriteOutcome>> {
        // What the server owns is left out: it would be ignored, and looks as if it could be changed.
        let original = editable(&self.object);
        let wrong = |error: std::io::Error| Failure::refused(format!("no file can be made for the editor: {error}"));
        // Readable by this user only, since a resource may hold what others must not see. The ending lets editors
        // choose their mode.
        let file = tempfile::Builder::new()
            .prefix("kindstore-edit-")
            .suffix(".yaml")
            .tempfile()
            .map_err(wrong)?
            .into_temp_path();
        let mut text = output::yaml(&original);
        let mut remarks = vec![format!("Change {} and save. Lines that begin with #: are dropped.", self.reference)];
        for attempt in 1.. {
            put(&file, &remarks, &text).map_err(wrong)?;
            open_editor(&file).map_err(|failure| kept(failure, &file, &text))?;
            let edited = std::fs::read_to_string(&*file).map_err(wrong)?;
            // An empty text gives up, as in git: a document with nothing in it is no resource.
            let edited = without_ours(&edited);
            if edited.trim().is_empty() {
                return Ok(None);
            }
            match self.write(&original, &edited) {
                Ok(written) => return Ok(written),
                // A text that comes back unchanged would be refused for ever: the person, or the program in the place
                // of an editor, gives up.
                Err(failure) if !is_fixable(&failure) || edited == text || attempt == MAX_ATTEMPTS => {
                    return Err(keep(failure, file, &edited));
                }
                Err(failure) => {
                    remarks = vec![failure.message.clone()];
                    let line =
                        |problem: &super::failure::Problem| format!("  {}: {}", problem.attribute, problem.message);
                    remarks.extend(failure.problems.iter().map(line));
                    remarks.push("Fix it and save, or save it as it is to give up.".to_owned());
                    text = edited;
                }
            }
        }
        // The last attempt returns above.
        Ok(None)
    }

    /// Writes the text by a verb that the kind allows. None if it equals the resource.
    fn write(&self, original: &Json, text: &str) -> Result<Option<WriteOutcome>> {
        let unreadable = |error| Failure::new("BadRequest", super::guard::unquoted(text, error).to_string());
        let document =
            kindstore::manifest::read(text.as_bytes(), Format::Yaml, &Limits::default()).map_err(unreadable)?;
        if document.value == *original {
            return Ok(None);
        }
        let (action, sent) = if self.reference.kind.allows(Verb::Upsert) {
            (Action::Upsert, Text { text: text.to_owned(), format: Format::Yaml })
        } else {
            // A kind without upsert takes a patch. The difference of the texts keeps members that the person did not
            // see, such as secrets.
            (Action::Patch, manifest::spelled_out(&difference(original, &document.value)))
        };
        let write = Write { action, reference: &self.reference, text: sent, options: self.options };
        self.access.write(&write).map(Some)
    }
}

/// Returns the part of a resource that its owner can change.
fn editable(object: &Object) -> Json {
    let mut value = object.to_value();
    if let Json::Object(members) = &mut value {
        members.remove("status");
    }
    if let Some(Json::Object(metadata)) = value.get_mut("metadata") {
        metadata.retain(|name, _| !["id", "createdAt", "modifiedAt", "resourceVersion"].contains(&name.as_str()));
    }
    value
}

/// Whether another text may pass.
fn is_fixable(failure: &Failure) -> bool {
    failure.is("Invalid") || failure.is("BadRequest")
}

fn put(file: &Path, remarks: &[String], text: &str) -> std::io::Result<()> {
    let mut out = std::fs::File::create(file)?;
    for line in remarks.iter().flat_map(|remark| remark.lines()) {
        writeln!(out, "{OURS}{line}")?;
    }
    out.write_all(text.as_bytes())
}

fn without_ours(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(OURS.trim_end())).collect()
}

fn open_editor(file: &Path) -> Result<()> {
    let named = |name: &str| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    // The shell cuts the words of the variable, as all programs that open editors do.
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(file).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::refused(format!("the editor {editor:?} ended with {status}"))),
        Err(error) => Err(Failure::refused(format!("the editor {editor:?} cannot be started: {error}"))),
    }
}

/// A failure after which the text is in a file that stays.
fn keep(failure: Failure, file: TempPath, text: &str) -> Failure {
    let _ = put(&file, &[], text);
    match file.keep() {
        Ok(path) => failure.hint(format!("your text is in {}", path.display())),
        Err(_) => failure,
    }
}

/// A failure of the editor itself. The text that it left is kept beside.
fn kept(failure: Failure, file: &Path, before: &str) -> Failure {
    let text = std::fs::read_to_string(file).map(|text| without_ours(&text)).unwrap_or_default();
    if text == before || text.is_empty() {
        return failure;
    }
    // The file itself is removed when the command ends.
    let copy = file.with_extension("kept.yaml");
    match std::fs::copy(file, &copy) {
        Ok(_) => failure.hint(format!("your text is in {}", copy.display())),
        Err(_) => failure,
    }
}

/// The merge patch that makes `after` of `before`.
fn difference(before: &Json, after: &Json) -> Json {
    let (Json::Object(old), Json::Object(new)) = (before, after) else { return after.clone() };
    let mut patch = Members::new();
    for (name, value) in new {
        match old.get(name) {
            Some(same) if same == value => {}
            Some(other) => drop(patch.insert(name.clone(), difference(other, value))),
            None => drop(patch.insert(name.clone(), value.clone())),
        }
    }
    // A merge patch removes a member by null (RFC 7386), so every missing one is named.
    patch.extend(old.keys().filter(|name| !new.contains_key(name)).map(|name| (name.clone(), Json::Null)));
    Json::Object(patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_patches_one_value_to_the_other() {
        let value = |text: &str| {
            kindstore::manifest::read(text.as_bytes(), Format::Yaml, &Limits::default()).expect("readable").value
        };
        let before = value("{a: 1, b: {c: 2, d: [1, 2]}, e: x}");
        let after = value("{a: 1, b: {d: [2], f: new}, g: 3}");
        let patch = difference(&before, &after);
        assert_eq!(patch.to_text(), r#"{"b":{"c":null,"d":[2],"f":"new"},"e":null,"g":3}"#);
        let mut patched = before.clone();
        kindstore::patch::merge_patch(&mut patched, &patch);
        assert_eq!(patched, after);
    }

    #[test]
    fn our_lines_are_dropped_and_the_others_stay() {
        assert_eq!(without_ours("#: error\n#:\n# mine\na: 1\n"), "# mine\na: 1\n");
    }
}
