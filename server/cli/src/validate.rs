//! `kindstore validate`: judges the documents of files, and asks no server.

use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use kindstore::validation::{ManifestValidator, Severity, ValidationReport};
use kindstore::{FieldValidation, Registry};
use serde_json::{Value, json};

use super::candidates;
use super::failure::{Exit, Failure, Result};
use super::output::VERDICT_FORMS;
use super::run::Run;
use super::session::Session;
use super::verdict::{self, Judged, count, pretty};
use super::{annotation, sarif, snippet, source};

#[derive(Args)]
pub(crate) struct Validate {
    /// A file, a folder with all folders in it, an http:// URL on this machine, or - for standard input; may be given
    /// several times
    #[arg(short = 'f', long = "filename", value_name = "FILE", required = true, value_hint = clap::ValueHint::AnyPath)]
    filename: Vec<String>,
    /// The kind of documents that name none
    #[arg(long, value_name = "KIND", add = ArgValueCompleter::new(candidates::kind_words))]
    kind: Option<String>,
    /// Let members that the kind does not know be errors and not warnings
    #[arg(long)]
    strict: bool,
    /// A file with defaults beside those of the input: documents of the kinds that supply them
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    defaults: Option<PathBuf>,
    /// The form: text, json, github for workflow commands, sarif
    #[arg(short, long, value_name = "FORM", default_value = "text", value_parser = VERDICT_FORMS,
        hide_possible_values = true, hide_default_value = true, add = ArgValueCompleter::new(candidates::verdict_forms))]
    output: String,
}

pub(crate) const EXAMPLES: &str = "\
The rules are those of the server, and no server is asked: whether what a document refers to is there is not judged.
Documents with defaults among the files count for the others, wherever they stand.
Exit codes: 0 valid, perhaps with warnings; 1 something is not valid; 2 a file cannot be read.

Examples:
  kindstore validate -f deployment.yaml
  kindstore validate -f shop/ --strict
  kindstore validate -f shop/ -o github
  kindstore validate -f shop/ -o sarif > kindstore.sarif
  cat deployment.yaml | kindstore validate -f -";

impl Run for Validate {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let registry = Registry::builtin()?;
        let defaults = match &self.defaults {
            Some(path) => verdict::defaults(path).map_err(usage)?,
            None => Vec::new(),
        };
        let (mut texts, mut exit) = (Vec::new(), Exit::Done);
        for text in self.filename.iter().flat_map(|named| source::texts(named, true)) {
            match text {
                Ok(text) => texts.push(text),
                Err(failure) => {
                    session.console.failure(&failure);
                    exit = Exit::Usage;
                }
            }
        }
        let terms = ManifestValidator {
            registry: &registry,
            namespace: session.globals.namespace.as_deref(),
            field_validation: if self.strict { FieldValidation::Strict } else { FieldValidation::Warn },
        };
        let kind = self.kind.as_deref().map(|word| registry.find_word(word).ok_or_else(|| registry.unknown(word)));
        let kind = kind.transpose().map_err(|error| usage(error.into()))?;
        let judged = verdict::judge(texts, kind.map(|kind| &*kind.name), &terms, &defaults);
        let text = match self.output.as_str() {
            "json" => json_text(&judged)?,
            "github" => annotation::commands(&judged),
            "sarif" => sarif::log(&judged, exit == Exit::Done)?,
            _ => snippet::render(&judged, session.console.width()),
        };
        session.console.print(&text)?;
        let is_valid = count(&judged, Severity::Error) == 0;
        Ok(if is_valid { exit } else { exit.max(Exit::Refused) })
    }
}

/// A file that cannot be read is no verdict.
fn usage(failure: Failure) -> Failure {
    Failure { exit: Exit::Usage, ..failure }
}

fn json_text(judged: &[Judged]) -> Result<String> {
    let document = |text: &Judged, (index, verdict): (usize, &ValidationReport)| {
        let ValidationReport { kind, name, diagnostics, .. } = verdict;
        let diagnostics = serde_json::to_value(diagnostics).unwrap_or_default();
        json!({"file": *text.origin, "document": index, "kind": kind, "name": name, "diagnostics": diagnostics})
    };
    let each = judged.iter().flat_map(|text| text.documents.iter().enumerate().map(move |it| document(text, it)));
    pretty(&Value::Array(each.collect()))
}
