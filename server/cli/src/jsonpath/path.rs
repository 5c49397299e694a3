//! A path as kubectl writes it, as queries of RFC 9535: names with hyphens, dots behind a backslash, and lists of names that
//! may lead further in, as in `['metadata.name','spec.state']`.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::literal::closing_quote;

/// A path: its steps lead from one value to others.
#[derive(Clone, Debug)]
pub(super) struct Path(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Query(JsonPath),
    Names(Vec<Name>),
}

/// A name in quotes within brackets.
#[derive(Clone, Debug)]
struct Name {
    /// The member of exactly that name, as RFC 9535 reads it.
    exact: JsonPath,
    /// The members one below the other, as kubectl reads dots.
    further: Option<JsonPath>,
}

impl Path {
    /// Reads a path. kubectl takes it with and without `$` or a dot at its beginning.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let path = text.trim_start_matches('$').trim_start_matches('@');
        let mut reader = Reader { rest: path, query: String::new(), steps: Vec::new() };
        if !path.is_empty() && !path.starts_with(['.', '[']) {
            reader.name(&[]);
        }
        reader.path(&[]).and_then(|()| reader.flush()).map_err(|why| format!("{text:?}: {why}"))?;
        if !reader.rest.is_empty() {
            return Err(format!("{text:?}: a dot or a bracket is expected before {:?}", reader.rest));
        }
        Ok(Self(reader.steps))
    }

    /// Returns what the path leads to.
    pub(super) fn query<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.0.iter().fold(vec![value], |values, step| match step {
            Step::Query(query) => values.into_iter().flat_map(|value| query.query(value).all()).collect(),
            // Name by name, as kubectl orders them.
            Step::Names(names) => {
                names.iter().flat_map(|name| values.iter().flat_map(|value| name.query(value))).collect()
            }
        })
    }
}

impl Name {
    fn parse(text: &str) -> Result<Self, String> {
        let segments = split(text);
        let exact = query(&quoted(&segments.concat()))?;
        let further = match segments.iter().filter(|segment| *segment == ".").count() {
            0 => None,
            _ => {
                let names = segments.iter().filter(|segment| *segment != ".");
                Some(query(&names.map(|name| quoted(name)).collect::<String>())?)
            }
        };
        Ok(Self { exact, further })
    }

    fn query<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let found = self.exact.query(value).all();
        match &self.further {
            Some(further) if found.is_empty() => further.query(value).all(),
            _ => found,
        }
    }
}

/// The names of `a.b`, with the dots between them as segments of their own; `\.` is a dot within a name.
fn split(text: &str) -> Vec<String> {
    let (mut segments, mut name, mut letters) = (Vec::new(), String::new(), text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => name.extend(letters.next()),
            '.' => {
                segments.push(std::mem::take(&mut name));
                segments.push(".".to_owned());
            }
            letter => name.push(letter),
        }
    }
    segments.push(name);
    segments
}

fn query(path: &str) -> Result<JsonPath, String> {
    JsonPath::parse(&format!("${path}")).map_err(|error| error.to_string())
}

/// A name as RFC 9535 writes it.
fn quoted(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Characters that end a path within a filter.
const OPERATORS: [char; 9] = [')', '(', '=', '!', '<', '>', '&', '|', ','];

struct Reader<'t> {
    rest: &'t str,
    /// The query of RFC 9535 that is being made, without its `$`.
    query: String,
    steps: Vec<Step>,
}

impl Reader<'_> {
    /// Reads segments up to one of these characters, or to the end.
    fn path(&mut self, ends: &[char]) -> Result<(), String> {
        loop {
            if let Some(rest) = self.rest.strip_prefix("..") {
                self.rest = rest;
                self.query.push_str("..");
                if !rest.starts_with('[') {
                    self.name(ends);
                }
            } else if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
                // A dot alone is the value itself.
                if !rest.is_empty() && !rest.starts_with('[') {
                    self.name(ends);
                }
            } else if self.rest.starts_with('[') {
                self.bracket(ends.is_empty())?;
            } else {
                return Ok(());
            }
        }
    }

    /// Reads a name behind a dot.
    fn name(&mut self, ends: &[char]) {
        let (mut name, mut is_escaped) = (String::new(), false);
        let end = self.rest.char_indices().find(|(_, letter)| {
            let is_end =
                !is_escaped && (matches!(letter, '.' | '[') || letter.is_whitespace() || ends.contains(letter));
            is_escaped = !is_escaped && *letter == '\\';
            if !is_end && !is_escaped {
                name.push(*letter);
            }
            is_end
        });
        self.rest = &self.rest[end.map_or(self.rest.len(), |(at, _)| at)..];
        match (name.as_str(), self.query.ends_with("..")) {
            ("*", true) => self.query.push('*'),
            ("*", false) => self.query.push_str("[*]"),
            _ => self.query.push_str(&quoted(&name)),
        }
    }

    /// Reads a bracket. Names in quotes may become steps of their own, outside of a filter.
    fn bracket(&mut self, has_steps: bool) -> Result<(), String> {
        let inside = inside(self.rest)?;
        self.rest = &self.rest[inside.len() + 2..];
        if let Some(filter) = inside.trim_start().strip_prefix('?') {
            self.query.push_str("[?");
            self.filter(filter)?;
            self.query.push(']');
            return Ok(());
        }
        match names(inside) {
            Some(names) if has_steps && (names.len() > 1 || split(names[0]).len() > 1) => {
                if self.query.ends_with("..") {
                    return Err("names in brackets do not go with two dots".to_owned());
                }
                self.flush()?;
                self.steps.push(Step::Names(names.into_iter().map(Name::parse).collect::<Result<_, _>>()?));
            }
            Some(names) => self.query.extend(names.iter().map(|name| quoted(&split(name).concat()))),
            None => self.query.push_str(&format!("[{inside}]")),
        }
        Ok(())
    }

    /// Reads a filter: paths in it are written like others.
    fn filter(&mut self, filter: &str) -> Result<(), String> {
        let mut rest = filter;
        while let Some(letter) = rest.chars().next() {
            let length = match letter {
                '"' | '\'' => closing_quote(rest).ok_or_else(|| "a quote is not closed".to_owned())?,
                '@' | '$' => {
                    let mut path = Reader { rest: &rest[1..], query: String::new(), steps: Vec::new() };
                    path.path(&OPERATORS)?;
                    self.query.push(letter);
                    self.query.push_str(&path.query);
                    rest = path.rest;
                    continue;
                }
                letter => letter.len_utf8(),
            };
            self.query.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        Ok(())
    }

    /// Ends the query that is being made.
    fn flush(&mut self) -> Result<(), String> {
        if !self.query.is_empty() || self.steps.is_empty() {
            self.steps.push(Step::Query(query(&std::mem::take(&mut self.query))?));
        }
        Ok(())
    }
}

/// What a bracket has in it, up to its end.
fn inside(text: &str) -> Result<&str, String> {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(letter) = text[at..].chars().next() {
        match letter {
            '"' | '\'' => {
                at += closing_quote(&text[at..]).ok_or_else(|| "a quote is not closed".to_owned())?;
                continue;
            }
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Ok(&text[1..at]);
        }
        at += letter.len_utf8();
    }
    Err("a bracket is not closed".to_owned())
}

/// The names of a list in single quotes, if it is one. In double quotes a name is one of RFC 9535, dots included.
fn names(inside: &str) -> Option<Vec<&str>> {
    let (mut rest, mut names) = (inside.trim(), Vec::new());
    loop {
        let length = rest.starts_with('\'').then(|| closing_quote(rest)).flatten()?;
        names.push(&rest[1..length - 1]);
        rest = rest[length..].trim_start();
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind.trim_start(),
            None if rest.is_empty() => return Some(names),
            None => return None,
        }
    }
}
