//! `kindstore fmt`: brings the files of manifests into one form, comments included.

use std::path::Path;

use clap::Args;
use kindstore::{Document, Format};
use pretty_yaml::config::{FormatOptions, LanguageOptions, Quotes};

use super::Run;
use super::failure::{Exit, Failure, Result};
use super::manifest::spelled_out;
use super::session::Session;
use super::source;

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
or comments would not be the same afterwards is refused and stays as it is.
Exit codes: 0 done, or for --check all files are in form; 1 something is not, or was refused; 2 a file cannot be read.

Examples:
  kindstore fmt -f deployment.yaml
  kindstore fmt -f shop/ -w
  kindstore fmt -f shop/ --check";

impl Run for Fmt {
    fn run(self, session: &mut Session) -> Result<Exit> {
        let texts: Vec<_> = self.filename.iter().flat_map(|named| source::texts(named, true)).collect();
        if texts.len() > 1 && !self.in_place && !self.check {
            return Err(Failure::usage("several files cannot be printed as one").hint("use -w, or --check"));
        }
        if self.in_place && self.filename.iter().any(|named| named == "-" || named.contains("://")) {
            return Err(Failure::usage("only files can be written; leave -w away to print the text"));
        }
        let mut exit = Exit::Done;
        for text in texts {
            let done = match text {
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

impl Fmt {
    fn one(&self, session: &mut Session, origin: &str, text: &[u8]) -> Result<Exit> {
        let formatted = formatted(origin, text)?;
        if !self.in_place && !self.check {
            session.console.print(&formatted)?;
            return Ok(Exit::Done);
        }
        if formatted.as_bytes() == text {
            return Ok(Exit::Done);
        }
        if self.in_place {
            let wrong = |error| Failure::refused(format!("{origin} cannot be written: {error}"));
            write(Path::new(origin), &formatted).map_err(wrong)?;
        }
        session.console.line(origin)?;
        Ok(if self.check { Exit::Refused } else { Exit::Done })
    }
}

/// Puts a text in the place of a file, whole or not at all, and keeps who may read it. A link stays one.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".kindstore-fmt").tempfile_in(folder)?;
    std::fs::write(file.path(), text)?;
    std::fs::set_permissions(file.path(), std::fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// A text in our form, which is sure to say the same.
fn formatted(origin: &str, text: &[u8]) -> Result<String> {
    let (documents, format) = source::read(origin, text)?;
    let text = std::str::from_utf8(text).map_err(|_| Failure::refused(format!("{origin}: the text is not UTF-8")))?;
    let is_yaml_file = origin.ends_with(".yaml") || origin.ends_with(".yml");
    let format = if is_yaml_file { Format::Yaml } else { format };
    let mut formatted = match format {
        Format::Json => json(text),
        Format::Yaml => pretty_yaml::format_text(text, &options())
            .map_err(|error| Failure::refused(format!("{origin}: cannot be brought into form: {error}")))?,
    };
    if text.ends_with('\n') && !formatted.ends_with('\n') {
        formatted.push('\n');
    }
    let again = kindstore::read_all(formatted.as_bytes(), format, &source::limits());
    let is_same = again.is_ok_and(|again| spelled(&again) == spelled(&documents));
    if is_same && (format == Format::Json || comments(&formatted) == comments(text)) {
        return Ok(formatted);
    }
    let message =
        format!("{origin}: its values or comments would not be the same in our form; the file stays as it is");
    Err(Failure::refused(message))
}

fn options() -> FormatOptions {
    // White space at the end of a line may belong to a block scalar.
    let language = LanguageOptions {
        quotes: Quotes::PreferDouble,
        trim_trailing_whitespaces: false,
        ..LanguageOptions::default()
    };
    FormatOptions { language, ..FormatOptions::default() }
}

/// What documents say, with the spelling of their numbers.
fn spelled(documents: &[Document]) -> Vec<String> {
    documents.iter().map(|document| spelled_out(&document.value).text).collect()
}

/// The comments of a YAML text, in their order.
fn comments(text: &str) -> Option<Vec<String>> {
    let tree = yaml_parser::parse(text).ok()?;
    let tokens = tree.descendants_with_tokens().filter_map(|part| part.into_token());
    let comments = tokens.filter(|token| token.kind() == yaml_parser::SyntaxKind::COMMENT);
    Some(comments.map(|token| token.text().trim_end().to_owned()).collect())
}

/// A JSON text that was read without fault, indented by two spaces; names keep their order, values their spelling.
fn json(text: &str) -> String {
    let (mut out, mut depth, mut rest) =
        (String::new(), 0_usize, text.trim_start_matches('\u{feff}').char_indices().peekable());
    let source = text.trim_start_matches('\u{feff}');
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some((at, letter)) = rest.next() {
        match letter {
            '"' => {
                let length = string_length(&source[at..]);
                out.push_str(&source[at..at + length]);
                while rest.next_if(|(next, _)| *next < at + length).is_some() {}
            }
            '{' | '[' => {
                out.push(letter);
                let close = if letter == '{' { '}' } else { ']' };
                while rest.next_if(|(_, next)| next.is_ascii_whitespace()).is_some() {}
                if rest.next_if(|(_, next)| *next == close).is_some() {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out.push('\n');
    out
}

/// How long the string is with which a JSON text begins, quotes included.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_order_and_spelling() {
        let text = "{\"b\" :[1.10,{ },[ ]],\"a\":\"x\\\"{,\",\"é\":[\n1e2 , null]}";
        let expected = "{\n  \"b\": [\n    1.10,\n    {},\n    []\n  ],\n  \"a\": \"x\\\"{,\",\n  \"é\": [\n    1e2,\n    null\n  ]\n}\n";
        assert_eq!(formatted("a.json", text.as_bytes()).expect("in form"), expected);
        assert_eq!(formatted("a.json", expected.as_bytes()).expect("in form"), expected);
    }

    #[test]
    fn yaml_keeps_comments_documents_anchors_and_spelling() {
        let text = "# head\nb:   1.10 # one\na: &x {k: 'v',  l: [1,2]}\n\n# between\nc: *x\ntext: |+\n  keep  \n\n---\n# second\nd: \"yes\"   \n# tail\n";
        let once = formatted("a.yaml", text.as_bytes()).expect("in form");
        assert_eq!(comments(&once).expect("readable").len(), 5);
        assert!(once.contains("b: 1.10 # one\n"), "{once}");
        assert_eq!(formatted("a.yaml", once.as_bytes()).expect("in form"), once);
    }
}
