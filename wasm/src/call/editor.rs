//! Completions and descriptions for editors, at a place counted in UTF-16 code units as in JavaScript.

use kindstore::editor::{Category, CompletionItem};
use kindstore::manifest::{Format, Limits};
use kindstore::{Json, Registry};
use serde::Deserialize;

use super::Outcome;
use super::options::{FormatWord, options};
use super::write::{array, object, quoted, sparse};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    format: Option<FormatWord>,
}

/// Returns the format of a text that is being typed.
fn format(text: &str, given: Option<&str>) -> Outcome<Format> {
    let options: Options = options(given)?;
    // Guessed, since a text that is being typed rarely can be read.
    Ok(options.format.map_or_else(|| Format::guess(text.as_bytes(), &Limits::MANY), Into::into))
}

/// Returns the completions at a place.
///
/// # Errors
/// Options that cannot be read.
pub fn complete(registry: &Registry, text: &str, utf16: usize, given: Option<&str>) -> Outcome<String> {
    let found = kindstore::editor::complete(registry, text, byte_at(text, utf16), format(text, given)?);
    Ok(object([
        ("from", utf16_at(text, found.from).to_string()),
        ("to", utf16_at(text, found.to).to_string()),
        ("items", array(found.items.iter().map(item))),
    ]))
}

fn item(item: &CompletionItem) -> String {
    let category = match item.category {
        Category::Member => "member",
        Category::Value => "value",
        Category::Kind => "kind",
        Category::Mark => "mark",
    };
    sparse([
        ("label", Some(quoted(&item.label))),
        ("insert", Some(quoted(&item.insert))),
        ("caret", Some(utf16_at(&item.insert, item.caret).to_string())),
        ("category", Some(quoted(category))),
        ("detail", item.detail.as_deref().map(quoted)),
        ("documentation", item.documentation.as_deref().map(quoted)),
        ("deprecated", item.deprecated.then(|| "true".to_owned())),
    ])
}

/// Returns the description of the word at a place, or `null`.
///
/// # Errors
/// Options that cannot be read.
pub fn hover(registry: &Registry, text: &str, utf16: usize, given: Option<&str>) -> Outcome<String> {
    let format = format(text, given)?;
    let Some(found) = kindstore::editor::hover(registry, text, byte_at(text, utf16), format) else {
        return Ok("null".to_owned());
    };
    Ok(sparse([
        ("from", Some(utf16_at(text, found.from).to_string())),
        ("to", Some(utf16_at(text, found.to).to_string())),
        ("pointer", Some(quoted(&found.pointer))),
        ("title", found.title.as_deref().map(quoted)),
        ("detail", Some(quoted(&found.detail))),
        ("documentation", found.documentation.as_deref().map(quoted)),
        ("facts", Some(array(found.facts.iter().map(|fact| quoted(fact))))),
        ("examples", Some(array(found.examples.iter().map(Json::to_text)))),
    ]))
}

/// Returns the byte at a count of UTF-16 code units; the end for more than there are.
pub(super) fn byte_at(text: &str, utf16: usize) -> usize {
    let mut units = 0;
    for (byte, character) in text.char_indices() {
        // A place between the two units of one character counts as behind it: no slice of the text begins there.
        if units >= utf16 {
            return byte;
        }
        units += character.len_utf16();
    }
    text.len()
}

fn utf16_at(text: &str, byte: usize) -> usize {
    text[..text.floor_char_boundary(byte)].chars().map(char::len_utf16).sum()
}
