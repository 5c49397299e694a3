//! JSON text (RFC 8259) to the builder, without recursion.

use std::sync::Arc;

use super::builder::Builder;
use super::cursor::Cursor;
use super::document::Document;
use super::failure::{ReadError, shown};
use super::limits::Limits;
use super::literal;
use super::mark::Marks;
use super::scalar::{TOO_LARGE_DOUBLE, TOO_LARGE_INTEGER};
use crate::json::{Json, Number};

/// Reads the one document of a text. Marks cost time, so they are made only when the text has a problem, or when a place is
/// asked for.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Document, ReadError> {
    // A text with an error is read a second time with marks, which duplicate keys need for the place of the first one.
    run(text, Builder::without_marks(text, limits, marks)).or_else(|_| run(text, Builder::new(text, limits)))
}

/// Reads the documents of a text, one or more: objects and arrays may follow each other, as programs print them.
pub(crate) fn read_all(text: &str, limits: &Limits) -> Result<Vec<Document>, ReadError> {
    // Marks that are made later are those of a text with one document. With more, they are made at once.
    run(text, Builder::without_marks(text, limits, marks)).map(|document| vec![document]).or_else(|_| {
        let mut reader = Reader::new(text, Builder::new(text, limits));
        let mut documents = vec![reader.document()?];
        while matches!(reader.cursor.peek(), Some(b'{' | b'[')) {
            documents.push(reader.document()?);
        }
        reader.end()?;
        Ok(documents)
    })
}

/// The marks of a text that was read before.
fn marks(text: &str) -> Marks {
    let unlimited = Limits { bytes: usize::MAX, depth: usize::MAX, nodes: usize::MAX, alias_bytes: usize::MAX };
    let document = run(text, Builder::new(text, &unlimited));
    document.ok().and_then(|document| Arc::into_inner(document.places)?.into_marks()).unwrap_or_default()
}

fn run<'t>(text: &'t str, builder: Builder<'t>) -> Result<Document, ReadError> {
    let mut reader = Reader::new(text, builder);
    let document = reader.document()?;
    reader.end()?;
    Ok(document)
}

const EMPTY: &str = "the text is empty; a JSON document is expected";

/// How the message begins about a name that has no double quotes.
pub(super) const NAME_EXPECTED: &str = "the name of a member is expected here, in double quotes";

struct Reader<'t> {
    cursor: Cursor<'t>,
    builder: Builder<'t>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, builder: Builder<'t>) -> Self {
        Self { cursor: Cursor::new(text), builder }
    }

    /// Reads a document, and the white space behind it.
    fn document(&mut self) -> Result<Document, ReadError> {
        self.cursor.space();
        if self.cursor.peek().is_none() {
            return self.fail(EMPTY);
        }
        loop {
            self.value()?;
            if self.ends()? {
                break;
            }
        }
        match self.builder.finish() {
            Some(document) => Ok(document),
            None => self.fail(EMPTY),
        }
    }

    /// Checks that the text ends here.
    fn end(&self) -> Result<(), ReadError> {
        match self.cursor.peek() {
            None => Ok(()),
            Some(_) => self.fail(format!("a JSON document ends before this; remove what follows{}", self.hint())),
        }
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, ReadError> {
        self.cursor.fail(message)
    }

    /// Reads a scalar, or opens collections up to the first scalar or up to an empty one, which it closes.
    fn value(&mut self) -> Result<(), ReadError> {
        loop {
            self.cursor.space();
            let start = self.cursor.at;
            match self.cursor.peek() {
                Some(b'{') => {
                    self.open(false)?;
                    if self.cursor.peek() == Some(b'}') {
                        return self.close();
                    }
                    self.key()?;
                }
                Some(b'[') => {
                    self.open(true)?;
                    if self.cursor.peek() == Some(b']') {
                        return self.close();
                    }
                }
                Some(b'"') => {
                    let text = literal::string(&mut self.cursor)?;
                    return self.scalar(Json::String(text), start);
                }
                Some(b'-' | b'0'..=b'9') => {
                    let value = self.number()?;
                    return self.scalar(value, start);
                }
                Some(b't') => return self.word("true", Json::from(true)),
                Some(b'f') => return self.word("false", Json::from(false)),
                Some(b'n') => return self.word("null", Json::Null),
                _ => return self.no_value(),
            }
        }
    }

    fn open(&mut self, is_array: bool) -> Result<(), ReadError> {
        self.builder.open(is_array, self.cursor.at..self.cursor.at, None)?;
        self.cursor.at += 1;
        self.cursor.space();
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReadError> {
        self.cursor.at += 1;
        self.builder.close(Some(self.cursor.at))
    }

    fn scalar(&mut self, value: Json, start: usize) -> Result<(), ReadError> {
        self.builder.scalar(value, start..self.cursor.at, None)
    }

    fn word(&mut self, word: &str, value: Json) -> Result<(), ReadError> {
        let end = self.cursor.at + word.len();
        // `nullable` is not null followed by garbage; the message should name the whole word.
        if self.cursor.text.get(self.cursor.at..end) != Some(word)
            || self.cursor.bytes.get(end).is_some_and(u8::is_ascii_alphanumeric)
        {
            return self.no_value();
        }
        let start = self.cursor.at;
        self.cursor.at = end;
        self.scalar(value, start)
    }

    /// Reads on behind a value: closes collections, or goes on to the next item or member. Returns `true` at the end of the
    /// document.
    fn ends(&mut self) -> Result<bool, ReadError> {
        loop {
            self.cursor.space();
            let Some(is_array) = self.builder.in_array() else { return Ok(true) };
            let close = if is_array { b']' } else { b'}' };
            match self.cursor.peek() {
                Some(b',') => {
                    let comma = self.cursor.at;
                    self.cursor.at += 1;
                    self.cursor.space();
                    if self.cursor.peek() == Some(close) {
                        self.cursor.at = comma;
                        return self.fail(format!("a comma stands before the closing {}; remove it", close as char));
                    }
                    if !is_array {
                        self.key()?;
                    }
                    return Ok(false);
                }
                Some(byte) if byte == close => self.close()?,
                None => {
                    return self
                        .fail(format!("the text ends here, but {} is missing; the text is incomplete", close as char));
                }
                Some(_) => {
                    return self.fail(format!("a comma or {} is expected here{}", close as char, self.hint()));
                }
            }
        }
    }

    fn key(&mut self) -> Result<(), ReadError> {
        let start = self.cursor.at;
        if self.cursor.peek() != Some(b'"') {
            return self.fail(format!("{NAME_EXPECTED}{}", self.hint()));
        }
        let name = literal::string(&mut self.cursor)?;
        // Each escape is longer than what it stands for.
        let is_verbatim = name.len() + 2 == self.cursor.at - start;
        self.builder.key(name, start..self.cursor.at, is_verbatim)?;
        self.cursor.space();
        if self.cursor.peek() != Some(b':') {
            return self.fail(format!("a colon is expected after the name of a member{}", self.hint()));
        }
        self.cursor.at += 1;
        Ok(())
    }

    fn number(&mut self) -> Result<Json, ReadError> {
        let start = self.cursor.at;
        let is_integer = literal::number(&mut self.cursor)?;
        let text = &self.cursor.text[start..self.cursor.at];
        // Short integers, which nearly all numbers are, have one spelling: no need to compare it with the value's.
        if is_integer
            && text.len() <= 18
            && text != "-0"
            && let Ok(integer) = text.parse::<i64>()
        {
            return Ok(Json::Number(serde_json::Number::from(integer).into()));
        }
        match Number::parse(text) {
            Some(number) => Ok(Json::Number(number)),
            None => {
                let why = if is_integer { TOO_LARGE_INTEGER } else { TOO_LARGE_DOUBLE };
                self.builder.unkept(text, why, start..self.cursor.at)
            }
        }
    }

    fn no_value(&self) -> Result<(), ReadError> {
        let rest = &self.cursor.text[self.cursor.at..];
        let word: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        match self.cursor.peek() {
            None => self.fail("the text ends where a value is expected; the text is incomplete"),
            Some(b'\'') => self.fail("JSON has no single quotes; write the string in double quotes"),
            Some(b'+' | b'.') => self.fail("a JSON number begins with a digit or with a minus; write 0.5 or 1"),
            Some(b']' | b'}' | b',') => self.fail("a value is missing here"),
            Some(_) if word.is_empty() => self.fail(format!("a value is expected here{}", self.hint())),
            Some(_) => {
                let word = shown(&word);
                let message = format!("{word} is not a JSON value; write a string in double quotes");
                self.fail(message).map_err(|error: ReadError| error.quoting(&word))
            }
        }
    }

    /// Returns a hint for the message: that this is a comment, or which invisible character this is.
    fn hint(&self) -> String {
        let letter = self.cursor.text[self.cursor.at..].chars().next().unwrap_or(' ');
        match &self.cursor.bytes[self.cursor.at..] {
            [b'/', b'/' | b'*', ..] | [b'#', ..] => "; JSON has no comments, send YAML if you need them".to_owned(),
            _ if letter.is_control() || (!letter.is_ascii() && !letter.is_alphanumeric()) => {
                format!("; this is the character U+{:04X}", letter as u32)
            }
            _ => String::new(),
        }
    }
}
