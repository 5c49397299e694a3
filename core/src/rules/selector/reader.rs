//! Reads the text of a selector.

use super::requirement::{MAX_BYTES, MAX_REQUIREMENTS, Requirement, SelectorError, Test};

/// Operators of other tools. Taken for a part of a name or value, they would select nothing, or everything, in silence.
const FOREIGN_OPERATORS: [char; 13] = ['<', '>', '~', '&', '|', ';', '*', '?', '^', '{', '}', '[', ']'];

/// A selector that is being read.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    has_begun: bool,
    /// Where the last value that is empty and has no quotes stands.
    blank: Option<usize>,
}

impl<'t> Reader<'t> {
    /// Returns a reader at the beginning of a text.
    ///
    /// # Errors
    /// The text is too long.
    pub(super) fn new(text: &'t str) -> Result<Self, SelectorError> {
        if text.len() > MAX_BYTES {
            let position = text.char_indices().take_while(|(index, _)| *index < MAX_BYTES).count() + 1;
            let message = format!("a selector has at most {MAX_BYTES} bytes, this one has {}", text.len());
            return Err(SelectorError { position, message });
        }
        Ok(Self { text, at: 0, has_begun: false, blank: None })
    }

    /// The next requirement with its position; none at the end.
    pub(super) fn requirement(&mut self) -> Result<Option<(usize, Requirement)>, SelectorError> {
        self.space();
        // An empty selector selects everything; a comma at the end is an error.
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

    /// The position of the last empty value without quotes, and no longer remembers it.
    pub(super) fn take_blank(&mut self) -> Option<usize> {
        self.blank.take()
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
            if values.len() == MAX_REQUIREMENTS {
                return self.fail(&format!("a requirement has at most {MAX_REQUIREMENTS} values"));
            }
        }
    }

    /// A value: quoted, or up to the next separator. It may be empty.
    fn value(&mut self) -> Result<String, SelectorError> {
        self.space();
        if self.rest().starts_with(['"', '\'']) {
            return self.quoted();
        }
        let end = self.rest().find([',', ')', '(', '=', '!']).unwrap_or(self.rest().len());
        let value = self.rest()[..end].trim_end();
        // `a=~b`, `a=>1` and `a=b && c=d` of other tools. Elsewhere in a value such a character is one like others.
        let foreign = if value.starts_with(['<', '>', '~']) { Some(0) } else { value.find("&&").or(value.find("||")) };
        if let Some(foreign) = foreign {
            return self.foreign(foreign);
        }
        if value.is_empty() {
            self.blank = Some(self.position());
        }
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
        if let Some(foreign) = self.rest()[..end].find(FOREIGN_OPERATORS) {
            return self.foreign(foreign);
        }
        let word = self.rest()[..end].to_owned();
        self.at += end;
        Ok(word)
    }

    /// Refuses an operator of other tools, so many bytes from here.
    fn foreign<T>(&mut self, bytes: usize) -> Result<T, SelectorError> {
        self.at += bytes;
        let what: String = self.rest().chars().take(1).collect();
        self.fail(&format!("{what:?} is no operator; use =, ==, !=, in, notin, a comma for \"and\", or quote the text"))
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
        // `inside` is a label, `in(a)` is an operator.
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
