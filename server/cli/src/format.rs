//! `kindstore fmt`: brings the files of manifests into one form, comments included.

use std::path::Path;

use clap::Args;
use kindstore::manifest::{Format, FormatError};

use super::failure::{Exit, Failure, Result};
use super::run::Run;
use super::safe;
use super::session::Session;
use super::source;
use super::{folder, guard};

#[derive(Args)]
pub(crate) struct Fmt {
    /// A file, a folder with all folders in it, or - for standard input; may be given several times
    #[arg(short = 'f', long = "filename", value_name = "FILE", required = true, value_hint = clap::ValueHint::AnyPath)]
    filename: Vec<String>,
    /// Write the files instead of printing the text
    #[arg(short = 'w', long, visible_alias = "write", conflicts_with = "check")]
    in_place: bool,
    /// Name the files that are in another form, and change nothing; exit with 1 if there are any
    #[arg(long)]
    check: bool,
}

pub(crate) const EXAMPLES: &str = "\
YAML keeps its comments, its order and the spelling of its values; JSON is indented by two spaces. A file whose values
or comments would not be the same afterwards stays as it is, and a warning names the line.
Exit codes: 0 done, or for --check all files are in form; 1 something is not, or cannot be read as a manifest; 2 a file
cannot be read.

Examples:
  kindstore fmt -f deployment.yaml
  kindstore fmt -f shop/ -w
  kindstore fmt -f shop/ --check";

impl Run for Fmt {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let mut texts = Vec::new();
        for named in &self.filename {
            texts.extend(source::texts(named, true).into_iter().map(|text| (named, text)));
        }
        if texts.len() > 1 && !self.in_place && !self.check {
            return Err(Failure::usage("several files cannot be printed as one").hint("use -w, or --check"));
        }
        if self.in_place && self.filename.iter().any(|named| named == "-" || named.contains("://")) {
            return Err(Failure::usage("only files can be written; leave out -w to print the text"));
        }
        let mut exit = Exit::Done;
        for (named, text) in texts {
            let done = match text {
                // Who names a folder means what is in it, and not what its links lead to.
                Ok((origin, _)) if self.is_of_files() && is_elsewhere(named, &origin) => {
                    session.console.caution(&format!("{origin} leads out of {named}; the file stays as it is"));
                    Ok(Exit::Done)
                }
                Ok((origin, text)) => self.one(session, &origin, &text),
                Err(failure) => Err(Failure { exit: Exit::Usage, ..failure }),
            };
            exit = exit.max(done.unwrap_or_else(|failure| {
                session.console.failure(&failure);
                failure.exit
            }));
        }
        Ok(exit)
    }
}

/// Whether a file of a folder that was named is outside of it.
fn is_elsewhere(named: &str, origin: &str) -> bool {
    Path::new(named).is_dir() && folder::is_outside(Path::new(named), Path::new(origin))
}

impl Fmt {
    /// Whether it is about files, and prints no text.
    fn is_of_files(&self) -> bool {
        self.in_place || self.check
    }

    fn one(&self, session: &mut Session, origin: &str, text: &[u8]) -> Result<Exit> {
        let formatted = match formatted(origin, text)? {
            Ok(formatted) => formatted,
            // A repository may have such files; they must not fail its check for good.
            Err(unsupported) if self.in_place || self.check => {
                session.console.caution(&format!("{unsupported}; the file stays as it is"));
                return Ok(Exit::Done);
            }
            Err(unsupported) => return Err(Failure::refused(unsupported)),
        };
        if !self.in_place && !self.check {
            session.console.document(&formatted)?;
            return Ok(Exit::Done);
        }
        if formatted.as_bytes() == text {
            return Ok(Exit::Done);
        }
        if self.in_place {
            let wrong = |error| Failure::refused(format!("{origin} cannot be written: {error}"));
            write(Path::new(origin), &formatted).map_err(wrong)?;
        }
        session.console.line(&safe::shown(origin))?;
        Ok(if self.check { Exit::Refused } else { Exit::Done })
    }
}

/// Puts a text in the place of a file, whole or not at all, and keeps who may read it.
// A link stays one: the target of the link is replaced.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    // A file beside the old one is on the same file system, which a rename in one step needs.
    let file = tempfile::Builder::new().prefix(".kindstore-fmt").tempfile_in(folder)?;
    std::fs::write(file.path(), text)?;
    std::fs::set_permissions(file.path(), std::fs::metadata(&path)?.permissions())?;
    // Without the sync a crash after the rename could leave an empty file.
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// A text in our form, which is sure to say the same; or why the formatter cannot write it.
fn formatted(origin: &str, text: &[u8]) -> Result<std::result::Result<String, String>> {
    let (_, format) = source::read(origin, text)?;
    let text = std::str::from_utf8(text).map_err(|_| Failure::refused(format!("{origin}: the text is not UTF-8")))?;
    // JSON in a file for YAML stays YAML: tools choose a reader by the ending.
    let is_yaml_file = origin.ends_with(".yaml") || origin.ends_with(".yml");
    let format = if is_yaml_file { Format::Yaml } else { format };
    // A document for each line is the form that such a file has.
    if folder::is_lines(origin) {
        return Ok(Ok(text.to_owned()));
    }
    match kindstore::manifest::format(text, format, &kindstore::manifest::Limits::MANY) {
        Ok(formatted) => Ok(Ok(formatted)),
        Err(FormatError::Unreadable(error)) => Err(source::unreadable(origin, &guard::unquoted(text, error))),
        Err(error) => Ok(Err(guard::without_lines(text, &format!("{origin} {error}")))),
    }
}
