//! Texts with a `|` where the cursor is, and what can be typed there.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

mod flow;
mod hostile;
mod hover;
mod kinds;
mod whole;
mod yaml;

use super::*;
use crate::manifest::Format;
use crate::registry::Registry;

/// What can be typed at the `|` of a text.
fn completed(text: &str, format: Format) -> (String, usize, Completions) {
    let registry = Registry::builtin().unwrap();
    let (before, after) = text.split_once('|').expect("a text has a cursor");
    let plain = format!("{before}{after}");
    let found = complete(&registry, &plain, before.len(), format);
    (plain, before.len(), found)
}

fn labels(text: &str, format: Format) -> Vec<String> {
    completed(text, format).2.items.into_iter().map(|item| item.label).collect()
}

/// Looks at whether all of `wanted`, in their order and with others in between, can be typed, and none of `unwanted`.
fn offers(text: &str, format: Format, wanted: &[&str], unwanted: &[&str]) {
    let found = labels(text, format);
    let mut rest = found.iter();
    for word in wanted {
        assert!(rest.any(|label| label == word), "{word:?} of {wanted:?} is not among {found:?} of\n{text}");
    }
    for word in unwanted {
        assert!(!found.iter().any(|label| label == word), "{word:?} is among {found:?} of\n{text}");
    }
}

fn offers_nothing(text: &str, format: Format) {
    let found = labels(text, format);
    assert!(found.is_empty(), "{found:?} of\n{text}");
}

/// Types what is called `label`, and looks at the text that comes of it, in which a `|` is the cursor again.
fn types(text: &str, format: Format, label: &str, expected: &str) {
    let (plain, _, found) = completed(text, format);
    let Some(item) = found.items.iter().find(|item| item.label == label) else {
        let labels: Vec<_> = found.items.iter().map(|item| &item.label).collect();
        panic!("{label:?} is not among {labels:?} of\n{text}");
    };
    let (begin, end) = item.insert.split_at(item.caret);
    let typed = format!("{}{begin}|{end}{}", &plain[..found.from], &plain[found.to..]);
    assert_eq!(typed, expected, "{label:?} in\n{text}");
}
