//! `kindstore patch`: changes parts of one resource by a merge patch or a JSON Patch.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use kindstore::validation::ManifestDocument;

use super::access::{Action, Look, Write};
use super::batch::{Done, Report, Writing};
use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::manifest::Manifest;
use super::run::Run;
use super::session::{Purpose, Session};
use super::source;
use super::words;

#[derive(Args)]
pub(crate) struct Patch {
    /// KIND NAME, or KIND/NAME
    #[arg(value_name = "WHAT", required = true, num_args = 1..=2, add = ArgValueCompleter::new(candidates::resources))]
    what: Vec<String>,
    /// The type of the patch: merge (RFC 7386) or json (RFC 6902)
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value_t = Type::Merge)]
    kind: Type,
    /// The patch in JSON or YAML
    #[arg(short, long, value_name = "TEXT", required_unless_present = "patch_file", conflicts_with = "patch_file")]
    patch: Option<String>,
    /// The file with the patch; - for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    patch_file: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Type {
    Merge,
    Json,
}

pub(crate) const EXAMPLES: &str = "\
A merge patch (RFC 7386) looks like the resource and holds what is to change; null removes a member. A JSON
Patch (RFC 6902) is a list of operations: add, remove, replace, move, copy, test; all are done, or none.

Examples:
  kindstore patch deploy clicks -p '{\"spec\": {\"state\": \"RUNNING\"}}'
  kindstore patch deploy/clicks -p 'metadata: {labels: {team: data, old: null}}'
  kindstore patch deploy clicks --patch-file change.yaml --dry-run -o yaml
  kindstore patch deploy clicks --type json -p '[{op: test, path: /spec/state, value: RUNNING}, {op: remove, path: /metadata/labels/old}]'";

impl Run for Patch {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let manifest = self.manifest()?;
        let opened = session.open(Purpose::Read)?;
        let reference = words::one(&self.what, &opened.kinds, &session.namespace()?)?;
        let options = self.writing.options();
        // A dry run stores no revision, so only the version shows whether it would change anything.
        let before = if options.is_dry_run { opened.access.get(&reference, Look::default()).ok() } else { None };
        let action = if self.kind == Type::Json { Action::JsonPatch } else { Action::Patch };
        let write = Write { action, reference: &reference, text: manifest.text(), options };
        let written = opened.access.write(&write).map_err(|failure| self.locate(&manifest, failure))?;
        for warning in &written.warnings {
            let place = match warning.sent_line {
                // A JSON Patch has the shape of operations, in which the pointers of the resource lead nowhere.
                Some(line) if self.kind == Type::Json => format!("{}:{line}", manifest.origin),
                _ => manifest.place_of(warning),
            };
            session.console.warning(&place, warning);
        }
        let was_changed = match &before {
            Some(before) => before.metadata.resource_version != written.object.metadata.resource_version,
            None => written.was_stored,
        };
        let mut report = Report::new(&self.writing);
        let word = if was_changed { "patched" } else { "unchanged" };
        report.add(session, &reference.kind, Done { word: word.into(), written })?;
        report.finish(session)?;
        Ok(Exit::Done)
    }
}

impl Patch {
    fn manifest(&self) -> Result<Manifest> {
        let (origin, text) = match (&self.patch, &self.patch_file) {
            (Some(text), _) => ("-p".to_owned(), text.clone().into_bytes()),
            (None, Some(path)) => source::text(path)?,
            (None, None) => return Err(Failure::usage("give a patch: -p TEXT or --patch-file FILE")),
        };
        let (documents, format) = source::read(&origin, &text)?;
        match <[_; 1]>::try_from(documents) {
            Ok([document]) => {
                // A list is not split into its documents here: as a JSON Patch it is one.
                let (origin, document) = (Arc::from(origin), Arc::new(document));
                Ok(Manifest {
                    origin,
                    part: ManifestDocument { document, root: String::new() },
                    format,
                    is_alone: true,
                })
            }
            Err(_) => Err(Failure::refused(format!("{origin}: a patch is one document"))),
        }
    }

    /// Lines are shown of files only: a text on the command line is in view already.
    fn locate(&self, manifest: &Manifest, failure: Failure) -> Failure {
        if self.patch.is_some() || failure.problems.is_empty() {
            return failure;
        }
        let lines: Vec<_> = failure.problems.iter().map(|problem| problem.sent_line).collect();
        let mut failure = manifest.locate(failure);
        if self.kind == Type::Json {
            // The pointers lead into the resource, and the file has operations.
            failure.problems.iter_mut().zip(lines).for_each(|(problem, line)| problem.line = line);
        }
        failure
    }
}
