//! JSON text to YAML, with no values between them: most of what a server answers is text that it wrote itself.

use std::borrow::Cow;

use super::json_text::{Scanner, Token, normal};
use super::yaml_scalar::{Scalar, flow_key, key, normalized, quoted, scalar_line, spaces, value};

/// Collections further in than this are written on one line: else a text of many small values, deep within each other,
/// would become a hundred times as long by its indentation.
pub(super) const DEEPEST_INDENT: usize = 40;

/// The scalar that a text is; `None` for a collection with members or items, and for what is not JSON.
pub(super) fn scalar(text: &str) -> Option<Scalar<'_>> {
    let mut scanner = Scanner::new(text);
    let scalar = match scanner.token()? {
        Token::Object | Token::Array => return None,
        token => scalar_of(&mut scanner, token)?,
    };
    scanner.is_done().then_some(scalar)
}

/// Appends a collection whose first line is already indented. `None`, with a part of it written, when the text is not
/// JSON with its members sorted: sorting takes values.
pub(super) fn collection(out: &mut String, text: &str, indent: usize) -> Option<()> {
    let mut writer = Writer { scanner: Scanner::new(text), out };
    let token = writer.scanner.token()?;
    writer.collection(token, indent)?;
    writer.scanner.is_done().then_some(())
}

/// Appends a collection on one line; `None` as for [`collection`].
pub(super) fn flow(out: &mut String, text: &str) -> Option<()> {
    let mut writer = Writer { scanner: Scanner::new(text), out };
    let token = writer.scanner.token()?;
    writer.flow(token)?;
    writer.scanner.is_done().then_some(())
}

struct Writer<'t, 'o> {
    scanner: Scanner<'t>,
    out: &'o mut String,
}

impl<'t> Writer<'t, '_> {
    fn collection(&mut self, token: Token<'t>, indent: usize) -> Option<()> {
        match token {
            Token::Object => self.members(indent),
            Token::Array => self.items(indent),
            _ => None,
        }
    }

    fn members(&mut self, indent: usize) -> Option<()> {
        let mut name = self.scanner.string()?;
        loop {
            key(self.out, &name, indent);
            self.scanner.pass(b':')?;
            match self.scanner.token()? {
                token @ (Token::Object | Token::Array) if indent < DEEPEST_INDENT => {
                    self.out.push('\n');
                    spaces(self.out, indent + 2);
                    self.collection(token, indent + 2)?;
                }
                token => self.rest_of_line(token, indent)?,
            }
            if !self.scanner.goes_on(b'}')? {
                return Some(());
            }
            name = self.next_name(&name)?;
            spaces(self.out, indent);
        }
    }

    fn items(&mut self, indent: usize) -> Option<()> {
        loop {
            self.out.push('-');
            match self.scanner.token()? {
                token @ (Token::Object | Token::Array) if indent < DEEPEST_INDENT => {
                    self.out.push(' ');
                    self.collection(token, indent + 2)?;
                }
                token => self.rest_of_line(token, indent)?,
            }
            if !self.scanner.goes_on(b']')? {
                return Some(());
            }
            spaces(self.out, indent);
        }
    }

    /// Writes the value behind `name:` or `-` on the same line, or as a block of lines.
    fn rest_of_line(&mut self, token: Token<'t>, indent: usize) -> Option<()> {
        if let Token::Object | Token::Array = token {
            self.out.push(' ');
            self.flow(token)?;
            self.out.push('\n');
            return Some(());
        }
        let scalar = scalar_of(&mut self.scanner, token)?;
        value(self.out, scalar, indent);
        Some(())
    }

    /// The name of the next member, which must be greater.
    fn next_name(&mut self, before: &str) -> Option<Cow<'t, str>> {
        self.scanner.string().filter(|name| &**name > before)
    }

    /// Writes a value on one line, all strings in quotes.
    fn flow(&mut self, token: Token<'t>) -> Option<()> {
        match token {
            Token::Object => self.flow_members(),
            Token::Array => self.flow_items(),
            Token::String => {
                quoted(self.out, &self.scanner.string()?);
                Some(())
            }
            token => {
                scalar_line(self.out, scalar_of(&mut self.scanner, token)?);
                Some(())
            }
        }
    }

    fn flow_members(&mut self) -> Option<()> {
        self.out.push('{');
        let mut name = self.scanner.string()?;
        loop {
            flow_key(self.out, &name);
            self.scanner.pass(b':')?;
            let token = self.scanner.token()?;
            self.flow(token)?;
            if !self.scanner.goes_on(b'}')? {
                break;
            }
            name = self.next_name(&name)?;
            self.out.push_str(", ");
        }
        self.out.push('}');
        Some(())
    }

    fn flow_items(&mut self) -> Option<()> {
        self.out.push('[');
        loop {
            let token = self.scanner.token()?;
            self.flow(token)?;
            if !self.scanner.goes_on(b']')? {
                break;
            }
            self.out.push_str(", ");
        }
        self.out.push(']');
        Some(())
    }
}

fn scalar_of<'t>(scanner: &mut Scanner<'t>, token: Token<'t>) -> Option<Scalar<'t>> {
    Some(match token {
        Token::Word(word) => Scalar::Word(word),
        Token::String => Scalar::Text(scanner.string()?),
        Token::Number(text) => Scalar::Spelled(match normal(text)? {
            Cow::Borrowed(text) => Cow::Borrowed(text),
            Cow::Owned(text) => Cow::Owned(normalized(&text)),
        }),
        Token::Object | Token::Array => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Json;
    use crate::manifest::differential::value;
    use crate::manifest::{
        Format, Limits, Tree, append_yaml_item, json_items, json_members, read, to_yaml, write_yaml,
    };

    /// Writes a text in all ways, and as the item of a list; returns the YAML by itself.
    fn check(text: &str) {
        let limits = Limits::default().depth(1000);
        let value = read(text.as_bytes(), Format::Json, &limits).expect("readable").value;
        assert_eq!(write_yaml(&Tree::Json(text)), to_yaml(&value), "{text}");
        let members = Tree::Members(vec![("items", Tree::Items(vec![Tree::Value(&value), Tree::Value(&value)]))]);
        let mut list = "items:\n".to_owned();
        (0..2).for_each(|_| append_yaml_item(&mut list, &Tree::Json(text)));
        assert_eq!(list, write_yaml(&members), "{text}");
    }

    #[test]
    fn odd_texts_are_written_as_their_values_are() {
        let long = "k".repeat(2_000);
        for text in [
            "{}",
            "[]",
            "null",
            "true",
            "-0",
            "[-0,-0.0,0.10,1e3,1E-07,123456789012345678,18446744073709551615,-9223372036854775808,1.5e300]",
            r#"["yes","No","null","~","1.10","0x1f","12:30","2024-01-01","a: b","- a","","\ta","\u0007","\ud83e\udd80","\/"]"#,
            r#"{"yes":1,"a b":2,"a: b":3,"1":4,"":5,"é":"ü\n"}"#,
            r#"{"b":1,"a":{"d":[1,{"z":0,"y":"x"}],"c":2}}"#,
            r#" { "a" : [ 1 , "two\nlines\n\n" , { } ] , "b" : " x\ny" } "#,
            r#"{"\u0061":1,"b":"a\"b","\u00e9":{"\n":"\n"}}"#,
            r#"{"z":{"b":[{"b":{"b":1,"a":2},"a":3}],"a":4},"a":5}"#,
        ] {
            check(text);
        }
        for (begin, end) in [("{\"a b\":", "}"), ("[", "]"), ("[0,{\"n\":", "}]")] {
            let inner = format!(
                r#"[1, -2.5e-7, "a: b # c\n", true, [], {{}}, {{"{long}": {{"": ["{{"]}}}}, {{"b":1,"a":"y"}}]"#
            );
            check(&(begin.repeat(40) + &inner + &end.repeat(40)));
        }
    }

    #[test]
    fn parts_of_a_text_are_those_of_its_value() {
        for text in
            ["{", "[", "{}x", "[1,]", r#"{"a"}"#, r#"{"a":}"#, "1", "\"x\"", r#"{"a":1"#, "[1 2]", r#"{"\u0061":1}"#]
        {
            assert!(json_members(text).is_none() && json_items(text).is_none(), "{text}");
        }
        assert_eq!(
            json_members(r#"{"a":{"b":["}",1]},"c":-1.5e3}"#),
            Some(vec![("a", r#"{"b":["}",1]}"#), ("c", "-1.5e3")])
        );
        assert_eq!(json_items(r#"["a\"]",[[]],null]"#), Some(vec![r#""a\"]""#, "[[]]", "null"]));
    }

    proptest! {
        #[test]
        fn what_is_written_from_text_is_what_is_written_from_values(value in value()) {
            let text = value.to_text();
            check(&text);
            match &value {
                Json::Array(items) => {
                    let texts = items.iter().map(Json::to_text).collect::<Vec<_>>();
                    prop_assert_eq!(json_items(&text), Some(texts.iter().map(String::as_str).collect()));
                }
                Json::Object(members) => {
                    if let Some(parts) = json_members(&text) {
                        let found = parts.iter().map(|(name, part)| ((*name).to_owned(), (*part).to_owned()));
                        let texts = members.iter().map(|(name, value)| (name.clone(), value.to_text()));
                        prop_assert!(found.eq(texts));
                    } else {
                        prop_assert!(members.keys().any(|name| Json::from(name.as_str()).to_text().contains('\\')));
                    }
                }
                _ => prop_assert!(json_items(&text).is_none() && json_members(&text).is_none()),
            }
        }
    }
}
