//! `-o jsonpath=`: kubectl's templates around RFC 9535 queries: `{.metadata.name}{"\n"}`, `{range .items[*]}...{end}`.

use serde_json::Value;
use serde_json_path::JsonPath;

/// A template: text with queries in it.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Segment>);

#[derive(Clone, Debug)]
enum Segment {
    Text(String),
    Query(JsonPath),
    Range(JsonPath, Vec<Segment>),
}

impl Template {
    /// Reads a template. A text without braces is one query.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the path is empty; use jsonpath='{.metadata.name}'".to_owned());
        }
        if !text.contains('{') {
            return Ok(Self(vec![Segment::Query(query(text)?)]));
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
        parts.push(match inside.strip_prefix("range ") {
            Some(path) => Segment::Range(query(path.trim())?, self::parts(rest, true)?),
            None if inside.starts_with('"') => Segment::Text(literal(inside)?),
            None => Segment::Query(query(inside)?),
        });
    }
    if is_range { Err("{range ...} without {end}".to_owned()) } else { Ok(parts) }
}

/// Where the brace is closed, not counting braces in quotes.
// A filter may compare with a text that has braces in it.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '}') => return Some(at),
            _ => {}
        }
    }
    None
}

fn literal(text: &str) -> Result<String, String> {
    serde_json::from_str(text).map_err(|_| format!("{text} is no text in quotes"))
}

/// kubectl leaves out the `$`, and writes a dot in a name as `\.`.
fn query(text: &str) -> Result<JsonPath, String> {
    // kubectl takes paths with and without these signs of its template language; RFC 9535 wants the first.
    let text = text.trim_start_matches('$').trim_start_matches('@');
    let path = if text.starts_with(['.', '[']) || text.is_empty() { text.to_owned() } else { format!(".{text}") };
    let path = if path == "." { String::new() } else { quoted(&path) };
    JsonPath::parse(&format!("${path}")).map_err(|error| format!("{text:?}: {error}"))
}

/// `.a\.b` as `['a.b']`.
fn quoted(path: &str) -> String {
    if !path.contains("\\.") {
        return path.to_owned();
    }
    // A character that no name has stands for the dot while the path is cut at the others.
    let path = path.replace("\\.", "\u{0}");
    let segment = |(index, segment): (usize, &str)| match segment.contains('\u{0}') {
        true => format!("['{}']", segment.replace('\u{0}', ".")),
        false if index == 0 => segment.to_owned(),
        false => format!(".{segment}"),
    };
    path.split('.').enumerate().map(segment).collect()
}

fn write(out: &mut String, parts: &[Segment], value: &Value) {
    for part in parts {
        match part {
            Segment::Text(text) => out.push_str(text),
            Segment::Query(path) => {
                // Several results stand in one line, as kubectl prints them.
                let texts: Vec<String> = path.query(value).iter().map(|found| text(found)).collect();
                out.push_str(&texts.join(" "));
            }
            Segment::Range(path, inner) => path.query(value).iter().for_each(|found| write(out, inner, found)),
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
            "metadata": {"name": "clicks", "labels": {"app.io/tier": "web"}},
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
            ("name: {.metadata.name}, {'x'}", "error"),
            ("{.nothing}", ""),
            ("{.metadata", "error"),
            ("{range .items[*]}", "error"),
            ("{end}", "error"),
            ("", "error"),
        ] {
            let found = Template::parse(template).map_or_else(|_| "error".to_owned(), |it| it.render(&value));
            assert_eq!(found, expected, "{template}");
        }
    }
}
