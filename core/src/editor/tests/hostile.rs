//! Whatever the text and wherever the cursor: no panic, places within the text, and no long wait.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::editor::{complete, hover};
use crate::manifest::Format;
use crate::registry::Registry;

fn hold(registry: &Registry, text: &str, offset: usize) {
    for format in [Format::Yaml, Format::Json] {
        let found = complete(registry, text, offset, format);
        assert!(found.from <= found.to);
        assert!(text.get(found.from..found.to).is_some_and(|word| !word.contains('\n')), "{text:?} at {offset}");
        let at = offset.min(text.len());
        // Within a character, and between the two of a line break, the cursor is before it.
        let is_split = !text.is_char_boundary(at) || text[..at].ends_with('\r');
        assert!(found.from <= at && (at <= found.to || is_split), "{text:?} at {offset}");
        for item in &found.items {
            assert!(item.insert.is_char_boundary(item.caret));
        }
        if let Some(found) = hover(registry, text, offset, format) {
            assert!(text.get(found.from..found.to).is_some());
        }
    }
}

/// The manifests of the cases, and the definitions of the kinds.
fn manifests() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<PathBuf> = vec![root.join("tests/cases"), root.join("core/kinds")];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "json") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    texts.sort();
    assert!(texts.len() > 40, "only {} texts were found", texts.len());
    texts
}

#[test]
fn every_text_of_the_cases_can_be_cut_anywhere() {
    let registry = Registry::builtin().unwrap();
    for text in manifests() {
        let step = text.len() / 23 + 1;
        for end in (0..=text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
            hold(&registry, &text[..end], end);
            hold(&registry, &text, end);
            hold(&registry, &text[..end], end / 2);
        }
    }
}

/// Texts of the words and marks that a scan looks at.
fn scraps() -> impl Strategy<Value = String> {
    let scraps = [
        "kind",
        "Deployment",
        "spec",
        "state",
        "template",
        "artifact",
        "JAR",
        ":",
        ": ",
        "- ",
        "-",
        "\n",
        "\r\n",
        "\r",
        "  ",
        " ",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "'",
        "#",
        " # ",
        "|",
        ">",
        "&a ",
        "*a",
        "!!str ",
        "---\n",
        "...\n",
        "é",
        "🦀",
        "\\",
        "\n  ",
        "\n    ",
        "\n      - ",
        "kind: Deployment\n",
        "spec:\n  ",
        "? ",
        "\u{feff}",
        "\0",
    ];
    prop::collection::vec(prop::sample::select(scraps.to_vec()), 0..60).prop_map(|words| words.concat())
}

/// Reading the definitions takes longer than an answer.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::builtin().unwrap());

proptest! {
    #[test]
    fn every_scrap_has_an_answer(text in scraps(), offset in 0usize..300) {
        hold(&REGISTRY, &text, offset);
        hold(&REGISTRY, &format!("kind: Deployment\nspec:\n  {text}"), offset);
    }

    #[test]
    fn every_text_has_an_answer(text in "\\PC{0,80}", offset in 0usize..300) {
        hold(&REGISTRY, &text, offset);
    }
}

#[test]
fn what_is_far_too_much_is_answered_soon() {
    let registry = Registry::builtin().unwrap();
    let size = 60_000;
    let deep: String = (0..300).map(|depth| format!("{}a: \"\n", " ".repeat(depth))).collect();
    let texts = [
        "[".repeat(size),
        "{a: ".repeat(size / 4),
        "[}".repeat(size / 2),
        "- ".repeat(size / 2),
        "a: '\nb: \"\n".repeat(size / 10),
        "a: [\n".repeat(size / 5),
        " \n".repeat(size / 2),
        "a: \"\n\n\n\n".repeat(size / 8),
        "---\n".repeat(size / 4),
        "a: |\n".repeat(size / 5),
        "\"".repeat(size),
        "\"a\" ".repeat(size / 4),
        deep,
    ];
    for text in texts {
        let begin = Instant::now();
        for offset in [0, text.len() / 2, text.len()] {
            hold(&registry, &text, offset);
        }
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?} took {:?}", &text[..20], begin.elapsed());
    }
}
