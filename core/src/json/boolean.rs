//! Booleans that remember how they were written.

/// `true` or `false`. YAML 1.2 has three spellings of each, and a user who writes `True` where a string is declared means
/// that text.
#[derive(Clone, Copy, Debug)]
pub struct Boolean {
    value: bool,
    spelling: Spelling,
}

#[derive(Clone, Copy, Debug)]
enum Spelling {
    Lower,
    Title,
    Upper,
}

impl Boolean {
    /// The boolean that a text spells in YAML's core schema.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (value, spelling) = match text {
            "true" => (true, Spelling::Lower),
            "True" => (true, Spelling::Title),
            "TRUE" => (true, Spelling::Upper),
            "false" => (false, Spelling::Lower),
            "False" => (false, Spelling::Title),
            "FALSE" => (false, Spelling::Upper),
            _ => return None,
        };
        Some(Self { value, spelling })
    }

    /// The value.
    pub fn value(self) -> bool {
        self.value
    }

    /// The text as it was written.
    pub fn text(self) -> &'static str {
        match (self.value, self.spelling) {
            (true, Spelling::Lower) => "true",
            (true, Spelling::Title) => "True",
            (true, Spelling::Upper) => "TRUE",
            (false, Spelling::Lower) => "false",
            (false, Spelling::Title) => "False",
            (false, Spelling::Upper) => "FALSE",
        }
    }
}

/// Booleans are equal when their values are: the spelling does not count.
impl PartialEq for Boolean {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl From<bool> for Boolean {
    fn from(value: bool) -> Self {
        Self { value, spelling: Spelling::Lower }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boolean_keeps_its_spelling_and_equals_by_value() {
        for text in ["true", "True", "TRUE", "false", "False", "FALSE"] {
            let found = Boolean::parse(text).expect("a boolean");
            assert_eq!((found.text(), found.value()), (text, text.eq_ignore_ascii_case("true")));
            assert_eq!(found, Boolean::from(found.value()));
        }
        assert_eq!(Boolean::parse("tRUE"), None);
    }
}
