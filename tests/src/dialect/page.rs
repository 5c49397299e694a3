//! The tables of odd texts in `docs/manifests.md`: each says what we, PyYAML and a reader of YAML 1.2 take a text for, and
//! they do. `KINDSTORE_GOLDEN=write cargo test` writes the answers anew; the difference is for reading.

use kindstore::Json;
use kindstore::manifest::{Format, Limits, read};
use serde_json::Value;

use super::{Other, exact, root};

/// The texts that the tests of the reader have.
pub(super) fn odd_texts() -> Vec<String> {
    let table = std::fs::read_to_string(root().join("core/src/manifest/tests/odd.txt")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => "));
    rows.map(|(text, _)| serde_json::from_str(&format!("\"{text}\"")).unwrap()).collect()
}

#[test]
fn the_page_on_manifests_says_what_we_and_others_take_odd_texts_for() {
    let path = root().join("docs/manifests.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let cells: Vec<&str> = page.lines().filter_map(first_cell).collect();
    assert!(cells.len() > 60, "the page has {} texts", cells.len());
    let texts: Vec<String> = cells.iter().map(|cell| unescaped(cell)).collect();
    let others = [Other::PyYaml, Other::Yaml12].map(|other| other.read(&texts));
    let mut rows = (0..texts.len()).map(|row| {
        let answers = [ours(&texts[row]), shown(&others[0][row]), shown(&others[1][row])];
        let [ours, pyyaml, yaml12] = answers.map(|answer| cell(&answer));
        format!("| `{}` | {ours} | {pyyaml} | {yaml12} |", cells[row])
    });
    let line = |line: &str| first_cell(line).map_or(line.to_owned(), |_| rows.next().unwrap()) + "\n";
    let found: String = page.lines().map(line).collect();
    if std::env::var("KINDSTORE_GOLDEN").is_ok_and(|word| word == "write") {
        std::fs::write(&path, &found).unwrap();
        return;
    }
    let wrong = found.lines().zip(page.lines()).filter(|(found, page)| found != page);
    let wrong: String = wrong.map(|(found, page)| format!("page:  {page}\nfound: {found}\n\n")).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// The text of a row of the tables, as it stands there.
fn first_cell(line: &str) -> Option<&str> {
    line.strip_prefix("| `")?.split_once("` |").map(|(cell, _)| cell)
}

/// A cell's text: `\n` and the like stand for what they stand for in JSON, and a table needs `\|`.
fn unescaped(cell: &str) -> String {
    let json = cell.replace("\\|", "|").replace('"', "\\\"");
    serde_json::from_str(&format!("\"{json}\"")).unwrap_or_else(|error| panic!("{cell}: {error}"))
}

fn cell(answer: &str) -> String {
    match answer.strip_prefix("error") {
        Some(_) => answer.replace('|', "\\|"),
        None => format!("`{}`", answer.replace('|', "\\|")),
    }
}

fn ours(text: &str) -> String {
    match read(text.as_bytes(), Format::Yaml, &Limits::default()) {
        Err(error) => format!("error {}:{}: {}", error.line, error.column, error.message),
        Ok(document) => match document.problems.first() {
            None => shown(&exact(&document.value)),
            Some(problem) => {
                let place = document.position(&problem.pointer).unwrap().value;
                let (line, column) = kindstore::manifest::locate(text, place.start);
                format!("error {line}:{column}: {}", problem.message)
            }
        },
    }
}

/// A value of the scripts for people. Messages of others change with their versions.
fn shown(value: &Value) -> String {
    let list = |items: &[Value]| items.iter().map(shown).collect::<Vec<_>>().join(", ");
    match value {
        Value::Array(items) => format!("[{}]", list(items)),
        Value::Object(members) => match members.iter().next().unwrap() {
            (name, Value::Array(pairs)) if name == "members" => {
                let member = |pair: &Value| format!("{}: {}", shown(&pair[0]), shown(&pair[1]));
                format!("{{{}}}", pairs.iter().map(member).collect::<Vec<_>>().join(", "))
            }
            (name, Value::String(bits)) if name == "float" => {
                format!("{:?}", f64::from_bits(u64::from_str_radix(bits, 16).unwrap()))
            }
            (name, Value::String(text)) if name != "error" => text.clone(),
            _ => "error".to_owned(),
        },
        value => visible(&Json::from(value.clone()).to_text()),
    }
}

/// JSON with what cannot be seen as escapes.
fn visible(text: &str) -> String {
    let escape = |letter: char| match letter {
        '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", letter as u32)
        }
        letter => letter.to_string(),
    };
    text.chars().map(escape).collect()
}
