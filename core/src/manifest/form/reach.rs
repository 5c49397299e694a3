//! How far to the right a line may begin that the formatter reads: its parser counts columns in the bits of one integer.

use super::scalars;
use crate::manifest::Document;

/// The most columns before the first word of a line.
pub(super) const MAX_COLUMNS: usize = 63;

/// Where a line begins that is too far to the right, if there is one. Lines within a scalar are text and not meant.
pub(super) fn beyond(text: &str, documents: &[Document]) -> Option<usize> {
    let mut found = None;
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        if columns(line) > MAX_COLUMNS {
            // The scalars are collected at the first such line only; most texts have none.
            let within = |range: &std::ops::Range<usize>| range.start < start && start <= range.end;
            if !found.get_or_insert_with(|| scalars::scalars(documents)).iter().any(|(range, _)| within(range)) {
                return Some(start);
            }
        }
        start += line.len();
    }
    None
}

/// How many columns stand before the first word of a line, the marks of items and keys among them.
fn columns(line: &str) -> usize {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let behind = trimmed.strip_prefix(['-', '?', ':']);
        match behind.filter(|behind| behind.starts_with([' ', '\t'])) {
            Some(behind) => rest = behind,
            None => return line.len() - trimmed.len(),
        }
    }
}
