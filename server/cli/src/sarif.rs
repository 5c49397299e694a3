//! Problems in SARIF 2.1.0, which services that show the findings of analysers read.

use kindstore::Diagnostic;
use kindstore::validation::Severity;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::failure::Result;
use super::verdict::{Judged, advice, pretty, problems};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The characters of a path that are not escaped in a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The log of one run. `is_whole` says whether all files could be read.
pub(crate) fn log(judged: &[Judged], is_whole: bool) -> Result<String> {
    let mut codes: Vec<&str> = problems(judged).map(|(_, problem)| problem.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    let driver = json!({"name": "kindstore", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    let results: Vec<Value> = problems(judged).map(|(text, problem)| result(&text.origin, problem, &codes)).collect();
    // Columns count UTF-16 units, which `columnKind` declares (SARIF 2.1.0, run object).
    let run = json!({
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": is_whole}],
        "columnKind": "utf16CodeUnits",
        "results": results,
    });
    pretty(&json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
}

fn result(origin: &str, problem: &Diagnostic, codes: &[&str]) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut place = json!({"artifactLocation": {"uri": uri(origin)}});
    if let Some(span) = problem.span {
        place["region"] = json!({
            "startLine": span.start.line,
            "startColumn": span.start.utf16_column,
            "endLine": span.end.line,
            "endColumn": span.end.utf16_column,
        });
    }
    let logical = json!({"fullyQualifiedName": problem.attribute()});
    json!({
        "ruleId": problem.code.as_str(),
        "ruleIndex": codes.iter().position(|code| *code == problem.code.as_str()),
        "level": level,
        "message": {"text": advice(problem)},
        "locations": [{"physicalLocation": place, "logicalLocations": [logical]}],
    })
}

/// A path as a reference that is resolved against the folder of the run, an absolute one as a URI.
fn uri(origin: &str) -> String {
    if origin.contains("://") {
        return origin.to_owned();
    }
    let path = utf8_percent_encode(origin, PATH).to_string();
    if path.starts_with('/') { format!("file://{path}") } else { path }
}
