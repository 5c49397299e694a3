//! Where the command line prints: results on standard output, all else on standard error, in colour where that is wanted.

use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::failure::{Failure, Problem};
use super::safe;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default();
pub(crate) const PLACE: Style = AnsiColor::Cyan.on_default();
pub(crate) const HEAD: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Standard output and standard error of this process.
pub(crate) struct Console {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
}

impl Console {
    pub(crate) fn new(color: Color) -> Self {
        let choice = match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::AlwaysAnsi,
            Color::Never => anstream::ColorChoice::Never,
        };
        Self { out: AutoStream::new(io::stdout(), choice), err: AutoStream::new(io::stderr(), choice) }
    }

    /// Prints a result as it is. Styles in it are dropped where colours are not wanted.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        // Standard output is flushed at once: after an error, and in a watch, the reader must have all that was printed
        // before.
        self.out.flush()
    }

    /// Prints a document or values. Files and pipes get them as they are, a terminal without what steers it.
    pub(crate) fn document(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout();
        if out.is_terminal() {
            return self.print(&safe::lines(text));
        }
        // Not through the stream for colours, which would drop escape sequences that belong to a value.
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Prints a line of a result.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        self.print(&format!("{text}\n"))
    }

    /// Warns of something that is not one problem of a document.
    pub(crate) fn caution(&mut self, text: &str) {
        let _ = writeln!(self.err, "{WARNING}warning:{WARNING:#} {}", safe::sentence(text));
    }

    /// Prints a note that is not part of the result.
    pub(crate) fn note(&mut self, text: &str) {
        // A failure to print on standard error has no place to be reported.
        let _ = writeln!(self.err, "{}", safe::lines(text));
    }

    /// Prints a warning about a document that was accepted.
    pub(crate) fn warning(&mut self, place: &str, problem: &Problem) {
        let text = safe::sentence(&format!("{place}: {}: {}", problem.attribute, problem.message));
        let _ = writeln!(self.err, "{WARNING}warning:{WARNING:#} {text}");
    }

    /// Shows an error as one block.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        if failure.is_quiet {
            return;
        }
        let size = io::stderr().is_terminal().then(|| terminal_size::terminal_size_of(io::stderr())).flatten();
        let width = size.map_or(usize::MAX, |(width, _)| usize::from(width.0));
        let _ = self.err.write_all(block(failure, width).as_bytes());
    }

    /// How wide the terminal is that shows the results, if one does.
    pub(crate) fn width(&self) -> Option<usize> {
        // A pipe gets whole cells: scripts must not depend on the width of a terminal.
        if !io::stdout().is_terminal() {
            return None;
        }
        terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
    }

    /// Whether standard error is a terminal.
    pub(crate) fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }
}

/// An error as text: the message, a line for each problem, and the fix.
// Lines are wrapped between words where they would be wider than the terminal, the rest indented.
fn block(failure: &Failure, width: usize) -> String {
    let mut block = wrapped(&format!("{ERROR}error:{ERROR:#}"), &failure.message, width);
    for problem in &failure.problems {
        let line = problem.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        let head = format!("  {HEAD}{}{HEAD:#}:", safe::sentence(&problem.attribute));
        block.push_str(&wrapped(&head, &format!("{}{line}", problem.message), width));
    }
    if let Some(hint) = &failure.hint {
        block.push_str(&wrapped(&format!("{GOOD}hint:{GOOD:#}"), hint, width));
    }
    block
}

/// A styled head and a text behind it.
fn wrapped(head: &str, text: &str, width: usize) -> String {
    let mut out = head.to_owned();
    let mut column = anstream::adapter::strip_str(head).to_string().chars().count();
    // A message may quote a document, and control characters in it must not reach the terminal.
    for word in safe::sentence(text).split(' ') {
        let length = word.chars().count();
        if column + 1 + length > width && column > 4 {
            out.push_str("\n    ");
            column = 4;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_block_with_a_line_for_each_problem_and_the_way_out() {
        let problem = |attribute: &str, line| Problem {
            pointer: None,
            attribute: attribute.to_owned(),
            reason: String::new(),
            message: "is required".to_owned(),
            line,
            sent_line: None,
        };
        let problems = vec![problem("spec", None), problem("metadata.name", Some(7))];
        let failure = Failure::refused("no").problems(problems).hint("do it");
        let plain = |width| anstream::adapter::strip_str(&block(&failure, width)).to_string();
        let whole = "error: no\n  spec: is required\n  metadata.name: is required (line 7)\nhint: do it\n";
        assert_eq!(plain(usize::MAX), whole);
        assert_eq!(plain(30), whole.replace(" (line", "\n    (line"));
    }
}
