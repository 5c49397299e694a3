//! Odd texts in `odd.txt`, each with what it is read as, or with the place and the message that refuse it.

use super::*;

/// What the reader says: the value as JSON, with numbers that cannot be kept; or `line:column message`.
fn said(text: &str, format: Format) -> String {
    match read(text.as_bytes(), format, &Limits::default()) {
        Err(error) => format!("{}:{} {}", error.line, error.column, error.message),
        Ok(document) => document.problems.iter().fold(document.value.to_text(), |said, problem| {
            let (line, column) = document.line_and_column(&problem.pointer);
            format!("{said} but {line}:{column} {} {}", problem.pointer, problem.message)
        }),
    }
}

/// A text of the table, which has it as the inside of a JSON string.
fn unescaped(text: &str) -> String {
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn odd_texts_are_read_faithfully_or_refused_at_their_place() {
    let (mut format, mut rows, mut wrong) = (Format::Yaml, 0, String::new());
    for line in include_str!("odd.txt").lines() {
        match line {
            "" => {}
            "## YAML" => format = Format::Yaml,
            "## JSON" => format = Format::Json,
            _ if line.starts_with('#') => {}
            _ => {
                let (text, expected) = line.split_once(" => ").expect("a text and what it becomes");
                let found = said(&unescaped(text.trim_end()), format);
                if found != unescaped(expected) {
                    let found = serde_json::to_string(&found).expect("JSON");
                    wrong += &format!("{} => {}\n", text.trim_end(), &found[1..found.len() - 1]);
                }
                rows += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "these are read otherwise:\n{wrong}");
    assert!(rows > 250, "the table has {rows} rows");
}
