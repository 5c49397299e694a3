//! `-o jsonpath=`: kubectl's templates around paths: `{.metadata.name}{"\n"}`, `{range .items[*]}...{end}`.

mod literal;
mod path;

use serde_json::Value;

use self::literal::{closing_quote, unquoted};
use self::path::Path;

/// A template: text with paths in it.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Segment>);

#[derive(Clone, Debug)]
enum Segment {
    Text(String),
    Path(Path),
    Range(Path, Vec<Segment>),
}

impl Template {
    /// Reads a template. A text without braces is one path.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the path is empty; use jsonpath='{.metadata.name}'".to_owned());
        }
        if !text.contains('{') {
            return Ok(Self(vec![Segment::Path(Path::parse(text)?)]));
        }
        let mut rest = text;
        let parts = parts(&mut rest, false)?;
        Ok(Self(parts))
    }

    /// Returns the text of the template for a value, with a line break at its end.
    pub(crate) fn render(&self, value: &Value) -> String {
        let mut out = String::new();
        write(&mut out, &self.0, value);
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }
}

/// Reads to the end of the text, or to the `{end}` of a range.
fn parts(rest: &mut &str, is_range: bool) -> Result<Vec<Segment>, String> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let Some(open) = rest.find('{') else {
            parts.push(Segment::Text(std::mem::take(rest).to_owned()));
            break;
        };
        if open > 0 {
            parts.push(Segment::Text(rest[..open].to_owned()));
        }
        let inside = &rest[open + 1..];
        let close = closing(inside).ok_or_else(|| "a brace is not closed".to_owned())?;
        *rest = &inside[close + 1..];
        let inside = inside[..close].trim();
        if inside == "end" {
            return if is_range { Ok(parts) } else { Err("{end} without {range ...}".to_owned()) };
        }
        match inside.strip_prefix("range").filter(|path| path.starts_with([' ', '.', '[', '$'])) {
            Some(path) => parts.push(Segment::Range(Path::parse(path.trim())?, self::parts(rest, true)?)),
            None if inside.is_empty() => return Err("{} is empty; use {.metadata.name}".to_owned()),
            None => expressions(inside, &mut parts)?,
        }
    }
    if is_range { Err("{range ...} without {end}".to_owned()) } else { Ok(parts) }
}

/// Reads what is within braces: paths and texts in quotes, with blanks between.
fn expressions(inside: &str, parts: &mut Vec<Segment>) -> Result<(), String> {
    let mut rest = inside;
    while !rest.is_empty() {
        let length = length(rest).ok_or_else(|| format!("{rest}: a quote is not closed"))?;
        let (one, behind) = rest.split_at(length);
        parts.push(match one.starts_with(['"', '\'']) {
            true => Segment::Text(unquoted(one)?),
            false => Segment::Path(Path::parse(one)?),
        });
        rest = behind.trim_start();
    }
    Ok(())
}

/// How long the path or the text in quotes is with which a text begins.
fn length(text: &str) -> Option<usize> {
    if text.starts_with(['"', '\'']) {
        return closing_quote(text);
    }
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(letter) = text[at..].chars().next() {
        match letter {
            '"' | '\'' if depth > 0 => {
                at += closing_quote(&text[at..])?;
                continue;
            }
            '"' | '\'' => break,
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            // A backslash takes the next character into a name.
            '\\' => at += text[at + 1..].chars().next().map_or(0, char::len_utf8),
            letter if letter.is_whitespace() && depth == 0 => break,
            _ => {}
        }
        at += letter.len_utf8();
    }
    Some(at)
}

/// Where the brace is closed, not counting braces in quotes.
// A filter may compare with a text that has braces in it.
fn closing(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        match letter {
            '"' | '\'' => at += closing_quote(&text[at..])?,
            '}' => return Some(at),
            '\\' => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            letter => at += letter.len_utf8(),
        }
    }
    None
}

fn write(out: &mut String, segments: &[Segment], value: &Value) {
    for segment in segments {
        match segment {
            Segment::Text(text) => out.push_str(text),
            Segment::Path(path) => {
                // Several results stand in one line, as kubectl prints them.
                let texts: Vec<String> = path.query(value).into_iter().map(text).collect();
                out.push_str(&texts.join(" "));
            }
            Segment::Range(path, inner) => path.query(value).into_iter().for_each(|found| write(out, inner, found)),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_kubectl_and_queries_of_rfc_9535_are_taken() {
        let value = serde_json::json!({
            "metadata": {"name": "clicks", "labels": {"app.io/tier": "web", "k8s-app": "x", "it's": "y"}},
            "spec": {"state": "RUNNING"},
            "items": [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}],
        });
        for (template, expected) in [
            ("{.metadata.name}", "clicks\n"),
            (".metadata.name", "clicks\n"),
            ("metadata.name", "clicks\n"),
            ("$.metadata.name", "clicks\n"),
            ("{.items[*].n}", "1 2\n"),
            ("{.items[0]}", "{\"n\":1,\"s\":\"a\"}\n"),
            ("{range .items[*]}{.s}={.n}{\"\\n\"}{end}", "a=1\nb=2\n"),
            ("{.items[?(@.n>1)].s}", "b\n"),
            ("{.metadata.labels.app\\.io/tier}", "web\n"),
            ("name: {.metadata.name}, {'x'}", "name: clicks, x\n"),
            ("{.metadata.labels.k8s-app}", "x\n"),
            ("{.metadata.labels['k8s-app']}", "x\n"),
            ("{.metadata.labels['app\\.io/tier']}", "web\n"),
            ("{.metadata.labels['app.io/tier']}", "web\n"),
            ("{.metadata.labels[\"app.io/tier\"]}", "web\n"),
            ("{.metadata.labels['it\\'s']}", "y\n"),
            ("{['metadata.name','spec.state']}", "clicks RUNNING\n"),
            ("{['metadata.name', 'spec.state', 'nothing']}", "clicks RUNNING\n"),
            ("{['metadata.labels'].k8s-app}", "x\n"),
            ("{.items[*]['n', 's']}", "1 2 a b\n"),
            ("{.items[*]['s']}{'\\n'}{.spec.state}", "a b\nRUNNING\n"),
            ("{.items[0:1].n}{\"\\t\"}{.items[-1:].n}", "1\t2\n"),
            ("{.items[?(@.s==\"b\")].n}", "2\n"),
            ("{.items[?(@.s=='b' && @.n > 1)].n}", "2\n"),
            ("{..n}", "1 2\n"),
            ("{.spec.*}", "RUNNING\n"),
            ("{.spec.state \" of \" .metadata.name}", "RUNNING of clicks\n"),
            ("{range.items[*]}{@.n}{end}", "12\n"),
            ("{.items[?(@.s==\"}\")].n}", ""),
            ("{[?(@.k8s-app)].k8s-app}", ""),
            ("{.metadata[?(@.k8s-app==\"x\")].k8s-app}", "x\n"),
            ("$.items[?length(@.s) == 1].n", "1 2\n"),
            ("{$.spec.state}", "RUNNING\n"),
            ("{@}", "{\"items"),
            ("{'\\q'}", "error"),
            ("{\"x}", "error"),
            ("{}", "error"),
            ("{.a[}", "error"),
            ("{.items[?(@.n}", "error"),
            ("{.nothing}", ""),
            ("{.metadata", "error"),
            ("{range .items[*]}", "error"),
            ("{end}", "error"),
            ("", "error"),
        ] {
            let found = Template::parse(template).map_or_else(|_| "error".to_owned(), |it| it.render(&value));
            let is_found = if expected.starts_with('{') { found.starts_with(expected) } else { found == expected };
            assert!(is_found, "{template}: {found}");
        }
    }

    #[test]
    fn no_template_makes_it_fail() {
        let value = serde_json::json!({"a": {"b.c": [1, {"d": "é"}]}});
        let pieces = [
            "{", "}", "[", "]", "'", "\"", "\\", ".", "..", "*", "a", "b.c", "é", " ", ",", "?", "@", "$", "range ",
            "end", "(", "0",
        ];
        // A fixed sequence that looks like chance (the constants of Numerical Recipes).
        let mut state = 1_u32;
        for _ in 0..50_000 {
            let mut template = String::from("{");
            for _ in 0..12 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                template.push_str(pieces[(state >> 16) as usize % pieces.len()]);
            }
            if let Ok(template) = Template::parse(&template) {
                template.render(&value);
            }
        }
    }
}
