//! Problems as the commands by which a workflow marks lines of a change: `::error file=a.yaml,line=3::message`.

use kindstore::Diagnostic;
use kindstore::validation::Severity;

use super::safe;
use super::verdict::{Judged, advice, problems};

/// A command for each problem.
pub(crate) fn commands(judged: &[Judged]) -> String {
    problems(judged).map(|(text, problem)| command(&text.origin, problem)).collect()
}

fn command(origin: &str, problem: &Diagnostic) -> String {
    let word = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut place = vec![format!("file={}", property(origin))];
    if let Some(span) = problem.span {
        let (start, end) = (span.start, span.end);
        place.push(format!("line={},endLine={}", start.line, end.line));
        place.push(format!("col={},endColumn={}", start.column, end.column));
    }
    place.push(format!("title={}", property(problem.code.as_str())));
    format!("::{word} {}::{}\n", safe::shown(&place.join(",")), safe::shown(&data(&advice(problem))))
}

/// Text after the second pair of colons.
fn data(text: &str) -> String {
    // The runner of a workflow ends a command at a line break and decodes these three.
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text between commas.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use kindstore::validation::Code;

    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let problem = Diagnostic::warning("/a", Code::IsInvalid, "is 100%\r\nno::yes");
        let expected = "::warning file=C%3A/a%2Cb.yaml,title=isInvalid::a: is 100%25%0D%0Ano::yes\n";
        assert_eq!(command("C:/a,b.yaml", &problem), expected);
    }
}
