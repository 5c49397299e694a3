//! What an editor is told at places of a text.

use std::sync::LazyLock;

use kindstore::Registry;
use kindstore::editor::{complete, hover};
use kindstore::manifest::Format;

/// Loaded once for all inputs.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::builtin().expect("the definitions load"));

/// How many places of a text are looked at.
const PLACES: usize = 16;

/// At every place there is an answer, about a word of one line that the place is in.
pub fn assist(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for offset in (0..=text.len()).step_by(text.len() / PLACES + 1).chain([text.len()]) {
        for format in [Format::Json, Format::Yaml] {
            let found = complete(&REGISTRY, text, offset, format);
            let word = text.get(found.from..found.to).expect("the word is in the text");
            assert!(!word.contains(['\n', '\r']), "a word is in one line");
            assert!(found.from <= offset, "the place is in the word");
            for item in &found.items {
                assert!(item.insert.is_char_boundary(item.caret), "the cursor is in what is typed");
            }
            if let Some(found) = hover(&REGISTRY, text, offset, format) {
                let word = text.get(found.from..found.to).expect("the word is in the text");
                assert!(!word.is_empty() && found.from <= offset, "the place is in the word");
            }
        }
    }
}
