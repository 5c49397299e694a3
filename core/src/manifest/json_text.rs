//! JSON text of our own, read token by token without building values. Text that is anything else is refused, for another
//! reader to say why.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::literal;
use crate::json::Number;
use crate::json::text::plain_run;

/// The members of a JSON object, each with its name and the text of its value, in the order of the text. `None` for all other
/// texts, and where a name has an escape.
///
/// ```
/// use kindstore::manifest::json_members;
/// let members = json_members(r#"{"kind":"Job","spec":{"a":[1,2]}}"#).expect("an object");
/// assert_eq!(members, [("kind", r#""Job""#), ("spec", r#"{"a":[1,2]}"#)]);
/// assert!(json_members("[1]").is_none());
/// ```
pub fn json_members(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut scanner = Scanner::new(text);
    let mut members = Vec::new();
    scanner.pass(b'{')?;
    if !scanner.ends(b'}') {
        loop {
            let Cow::Borrowed(name) = scanner.string()? else { return None };
            scanner.pass(b':')?;
            members.push((name, scanner.skip()?));
            if !scanner.goes_on(b'}')? {
                break;
            }
        }
    }
    scanner.is_done().then_some(members)
}

/// The texts of the items of a JSON array; `None` for all other texts.
///
/// ```
/// use kindstore::manifest::json_items;
/// assert_eq!(json_items(r#"[1,{"a":[]}]"#), Some(vec!["1", r#"{"a":[]}"#]));
/// ```
pub fn json_items(text: &str) -> Option<Vec<&str>> {
    let mut scanner = Scanner::new(text);
    let mut items = Vec::new();
    scanner.pass(b'[')?;
    if !scanner.ends(b']') {
        loop {
            items.push(scanner.skip()?);
            if !scanner.goes_on(b']')? {
                break;
            }
        }
    }
    scanner.is_done().then_some(items)
}

/// A place in JSON text.
pub(super) struct Scanner<'t>(Cursor<'t>);

/// What begins at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An object with members, or an array with items, which is entered.
    Object,
    Array,
    /// `{}`, `[]`, `true`, `false` or `null`.
    Word(&'static str),
    /// A string, which is not read yet.
    String,
    /// The text of a number.
    Number(&'t str),
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self(Cursor::new(text))
    }

    /// Reads a scalar, or enters a collection that is not empty.
    pub(super) fn token(&mut self) -> Option<Token<'t>> {
        match self.peek()? {
            b'{' => Some(self.open(b'}', Token::Object, "{}")),
            b'[' => Some(self.open(b']', Token::Array, "[]")),
            b'"' => Some(Token::String),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => {
                let start = self.0.at;
                literal::number(&mut self.0).ok()?;
                Some(Token::Number(&self.0.text[start..self.0.at]))
            }
            _ => None,
        }
    }

    /// Reads a string, without a copy where it has no escape.
    pub(super) fn string(&mut self) -> Option<Cow<'t, str>> {
        (self.peek()? == b'"').then_some(())?;
        let start = self.0.at + 1;
        let end = start + plain_run(self.0.bytes.get(start..)?);
        if self.0.bytes.get(end) == Some(&b'"') {
            self.0.at = end + 1;
            return Some(Cow::Borrowed(&self.0.text[start..end]));
        }
        literal::string(&mut self.0).ok().map(Cow::Owned)
    }

    /// Passes this byte.
    pub(super) fn pass(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.0.at += 1)
    }

    /// Whether a collection goes on behind a part of it; passes the comma, or the byte that closes it.
    pub(super) fn goes_on(&mut self, close: u8) -> Option<bool> {
        let goes_on = match self.peek()? {
            b',' => true,
            byte if byte == close => false,
            _ => return None,
        };
        self.0.at += 1;
        Some(goes_on)
    }

    /// Whether nothing follows.
    pub(super) fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Passes this byte if it is next.
    fn ends(&mut self, close: u8) -> bool {
        self.pass(close).is_some()
    }

    /// Passes a value and returns its text.
    fn skip(&mut self) -> Option<&'t str> {
        self.peek()?;
        let start = self.0.at;
        let mut depth = 0_usize;
        loop {
            let byte = self.peek()?;
            match byte {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    (depth, self.0.at) = (depth + 1, self.0.at + 1);
                    continue;
                }
                b'}' | b']' => (depth, self.0.at) = (depth.checked_sub(1)?, self.0.at + 1),
                b',' | b':' if depth > 0 => {
                    self.0.at += 1;
                    continue;
                }
                b',' | b':' => return None,
                _ => self.0.at += plain_length(&self.0.bytes[self.0.at..])?,
            }
            if depth == 0 {
                return Some(&self.0.text[start..self.0.at]);
            }
        }
    }

    fn open(&mut self, close: u8, token: Token<'t>, empty: &'static str) -> Token<'t> {
        self.0.at += 1;
        if self.ends(close) { Token::Word(empty) } else { token }
    }

    fn word(&mut self, word: &'static str) -> Option<Token<'t>> {
        let end = self.0.at + word.len();
        (self.0.text.get(self.0.at..end)? == word).then(|| self.0.at = end)?;
        Some(Token::Word(word))
    }

    fn peek(&mut self) -> Option<u8> {
        self.0.space();
        self.0.peek()
    }
}

/// The length of a number or of a word.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    Some(bytes.iter().take_while(|byte| is_part(byte)).count()).filter(|length| *length > 0)
}

/// The normal form of a number: its text, where that is the form; `None` when no value holds it.
pub(super) fn normal(text: &str) -> Option<Cow<'_, str>> {
    // Short integers, which nearly all numbers are, have one spelling.
    let is_short = text.len() <= 18 && text != "-0" && text.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'));
    if is_short { Some(Cow::Borrowed(text)) } else { Number::parse(text).map(|number| Cow::Owned(number.to_string())) }
}
