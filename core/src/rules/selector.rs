//! Selectors: which resources are meant, by their labels or by members that their kind declares as selectable.

use std::fmt;

use crate::kind::Kind;

/// The most requirements of one selector, and the most values of one requirement.
const MOST: usize = 100;

/// What labels or members must be. All requirements must hold.
///
/// ```
/// use kindstore::Selector;
/// let selector = Selector::labels("team in (web, data), tier!=gold, !legacy")?;
/// let labels = |name: &str| (name == "team").then_some("web");
/// assert!(selector.matches(labels));
/// assert_eq!(Selector::labels("a=b,=c").unwrap_err().position, 5);
/// # Ok::<(), kindstore::SelectorError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    /// Also holds when there is no such label, as in Kubernetes.
    NotIn(Vec<String>),
    Exists,
    Missing,
}

/// The text is no selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    /// The character where it goes wrong, from 1.
    pub position: usize,
    /// What is wrong, and what is possible.
    pub message: String,
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the selector goes wrong at character {}: {}", self.position, self.message)
    }
}

impl std::error::Error for SelectorError {}

impl Selector {
    /// Reads a label selector in the grammar of Kubernetes: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a` and
    /// `!a`, joined by commas. Values may be quoted, with a backslash before a quote or a backslash.
    ///
    /// # Errors
    /// The text is no selector; the position says where.
    pub fn labels(text: &str) -> Result<Self, SelectorError> {
        Reader::new(text).selector()
    }

    /// Reads a field selector, in the same grammar. A path is written as `spec.state`, and only members that the kind
    /// declares as selectable can be asked for, and the name.
    ///
    /// # Errors
    /// As [`Selector::labels`]; the message for a member that cannot be asked for names those that can.
    pub fn fields(kind: &Kind, text: &str) -> Result<Self, SelectorError> {
        let mut reader = Reader::new(text);
        let mut selector = Self::default();
        while let Some((place, requirement)) = reader.requirement()? {
            let wrong = |message: String| Err(SelectorError { position: place, message });
            if field(kind, &requirement.key).is_none() {
                let known: Vec<_> = fields(kind).collect();
                return wrong(format!("{:?} cannot be selected by; use {}", requirement.key, known.join(", ")));
            }
            selector.push(requirement, place)?;
        }
        Ok(selector)
    }

    /// The selector that asks for one value of one member or label.
    pub fn equal(key: &str, value: &str) -> Self {
        Self(vec![Requirement { key: key.to_owned(), test: Test::In(vec![value.to_owned()]) }])
    }

    /// Both selectors together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The labels or members that it speaks of.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| requirement.key.as_str())
    }

    /// Whether it asks for nothing, so that everything matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something matches, of which `value` tells the value of a label or member.
    pub fn matches<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = value(&requirement.key);
            match &requirement.test {
                Test::In(values) => value.is_some_and(|value| values.iter().any(|known| known == value)),
                Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|known| known != value)),
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
            }
        })
    }

    fn push(&mut self, requirement: Requirement, position: usize) -> Result<(), SelectorError> {
        if self.0.len() == MOST {
            return Err(SelectorError { position, message: format!("a selector has at most {MOST} requirements") });
        }
        self.0.push(requirement);
        Ok(())
    }
}

/// The paths of members of a kind that can be selected by.
pub(crate) fn fields(kind: &Kind) -> impl Iterator<Item = String> {
    let name = kind.has_name().then(|| "metadata.name".to_owned());
    name.into_iter().chain(kind.selectable.iter().map(|pointer| pointer[1..].replace('/', ".")))
}

/// Where the value of a path is found: the name, or an entry of the kind's selectable members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Selectable(usize),
}

/// The member of a path like `spec.state`.
pub(crate) fn field(kind: &Kind, path: &str) -> Option<Field> {
    if kind.has_name() && path == "metadata.name" {
        return Some(Field::Name);
    }
    let is = |pointer: &String| pointer.len() == path.len() + 1 && pointer[1..].replace('/', ".") == path;
    kind.selectable.iter().position(is).map(Field::Selectable)
}

/// A selector that is being read.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    has_begun: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, has_begun: false }
    }

    fn selector(mut self) -> Result<Selector, SelectorError> {
        let mut selector = Selector::default();
        while let Some((place, requirement)) = self.requirement()? {
            selector.push(requirement, place)?;
        }
        Ok(selector)
    }

    /// The next requirement with its position; none at the end.
    fn requirement(&mut self) -> Result<Option<(usize, Requirement)>, SelectorError> {
        self.space();
        if self.rest().is_empty() && !self.has_begun {
            return Ok(None);
        }
        if self.has_begun {
            if self.rest().is_empty() {
                return Ok(None);
            }
            if !self.take(",") {
                return self.fail("a comma is expected between requirements");
            }
            self.space();
        }
        self.has_begun = true;
        let place = self.position();
        let is_missing = self.take("!");
        self.space();
        let key = self.word("the name of a label")?;
        self.space();
        let test = if is_missing { Test::Missing } else { self.test()? };
        self.space();
        Ok(Some((place, Requirement { key, test })))
    }

    fn test(&mut self) -> Result<Test, SelectorError> {
        if self.take("!=") {
            return Ok(Test::NotIn(vec![self.value()?]));
        }
        if self.take("==") || self.take("=") {
            return Ok(Test::In(vec![self.value()?]));
        }
        if self.take_word("notin") {
            return Ok(Test::NotIn(self.values()?));
        }
        if self.take_word("in") {
            return Ok(Test::In(self.values()?));
        }
        match self.rest().chars().next() {
            None | Some(',') => Ok(Test::Exists),
            Some(_) => self.fail("one of =, ==, !=, in, notin or a comma is expected"),
        }
    }

    /// The values in parentheses.
    fn values(&mut self) -> Result<Vec<String>, SelectorError> {
        self.space();
        if !self.take("(") {
            return self.fail("values in parentheses are expected, such as (web,data)");
        }
        let mut values = Vec::new();
        loop {
            values.push(self.value()?);
            self.space();
            if self.take(")") {
                return Ok(values);
            }
            if !self.take(",") {
                return self.fail("a comma or a closing parenthesis is expected");
            }
            if values.len() == MOST {
                return self.fail(&format!("a requirement has at most {MOST} values"));
            }
        }
    }

    /// A value: quoted, or up to what ends it. It may be empty.
    fn value(&mut self) -> Result<String, SelectorError> {
        self.space();
        if self.rest().starts_with(['"', '\'']) {
            return self.quoted();
        }
        let end = self.rest().find([',', ')', '(', '=', '!']).unwrap_or(self.rest().len());
        let value = self.rest()[..end].trim_end();
        self.at += value.len();
        Ok(value.to_owned())
    }

    fn quoted(&mut self) -> Result<String, SelectorError> {
        let begin = self.at;
        let mut letters = self.rest().char_indices();
        let quote = letters.next().map(|(_, quote)| quote);
        let mut value = String::new();
        while let Some((index, letter)) = letters.next() {
            match letter {
                '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
                _ if Some(letter) == quote => {
                    self.at = begin + index + letter.len_utf8();
                    return Ok(value);
                }
                _ => value.push(letter),
            }
        }
        self.fail("a quote begins here and does not end")
    }

    fn word(&mut self, what: &str) -> Result<String, SelectorError> {
        if self.rest().starts_with(['"', '\'']) {
            return self.quoted();
        }
        let ends = |letter: char| letter.is_whitespace() || matches!(letter, ',' | '=' | '!' | '(' | ')');
        let end = self.rest().find(ends).unwrap_or(self.rest().len());
        if end == 0 {
            return self.fail(&format!("{what} is expected"));
        }
        let word = self.rest()[..end].to_owned();
        self.at += end;
        Ok(word)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        self.at += if is_there { token.len() } else { 0 };
        is_there
    }

    /// A token that is a word of its own.
    fn take_word(&mut self, token: &str) -> bool {
        let ends = |rest: &str| rest.starts_with(|next: char| next.is_whitespace() || next == '(');
        let is_there = self.rest().strip_prefix(token).is_some_and(ends);
        self.at += if is_there { token.len() } else { 0 };
        is_there
    }

    fn position(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn fail<T>(&self, message: &str) -> Result<T, SelectorError> {
        Err(SelectorError { position: self.position(), message: message.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selector: &str, expected: bool) {
        let labels = |name: &str| match name {
            "team" => Some("web"),
            "tier" => Some("front"),
            "empty" => Some(""),
            "odd" => Some("a, \"b\" (c)"),
            _ => None,
        };
        let parsed = Selector::labels(selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
        assert_eq!(parsed.matches(labels), expected, "{selector}");
    }

    #[test]
    fn a_selector_selects_by_equality_by_sets_and_by_being_there() {
        for (selector, expected) in [
            ("", true),
            ("  ", true),
            ("team=web", true),
            ("team = web", true),
            ("team==web,tier=front", true),
            ("team=data", false),
            ("team!=data", true),
            ("other!=x", true),
            ("team in (web, data)", true),
            ("team in (data),tier", false),
            ("team notin (data,x) , tier", true),
            ("other notin (x)", true),
            ("team", true),
            ("!team", false),
            ("! other", true),
            ("empty=", true),
            ("empty in ()", true),
            ("empty in (,x)", true),
            ("odd='a, \"b\" (c)'", true),
            (r#"odd="a, \"b\" (c)""#, true),
            ("inside!=x,notin!=y,in", false),
        ] {
            check(selector, expected);
        }
    }

    #[test]
    fn what_is_no_selector_is_refused_at_its_place() {
        for (text, position) in [
            ("=b", 1),
            ("a of (b)", 3),
            ("a b", 3),
            ("(b)", 1),
            ("a in (b", 8),
            ("!", 2),
            ("a,", 3),
            (",a", 1),
            ("a=b=c", 4),
            ("a in b", 6),
            ("a='b", 3),
            ("é=ü,,x", 5),
            ("a=b)", 4),
        ] {
            let error = Selector::labels(text).expect_err(text);
            assert_eq!(error.position, position, "{text}: {error}");
        }
        assert!(Selector::labels(&vec!["a"; MOST + 1].join(",")).is_err());
    }
}
