//! Circles among arrows: files of which each leads to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::Arrows;

/// The circles of files, each in order of names. A circle is as large as it can be: files that reach each other.
pub(super) fn circles(arrows: &Arrows) -> Vec<BTreeSet<&str>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    arrows.keys().for_each(|(from, to)| next.entry(from).or_default().push(to));
    let reached: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|file| (*file, reach(&next, file))).collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for file in reached.keys().copied().filter(|file| leads(file, file)) {
        if !found.iter().any(|circle| circle.contains(file)) {
            found.push(reached[file].iter().copied().filter(|other| leads(other, file)).collect());
        }
    }
    found
}

fn reach<'a>(next: &BTreeMap<&'a str, Vec<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = next.get(from).cloned().unwrap_or_default();
    while let Some(file) = waiting.pop() {
        if reached.insert(file) {
            waiting.extend(next.get(file).into_iter().flatten());
        }
    }
    reached
}

/// A circle in words: its files, and every arrow inside it with its names.
pub(super) fn words(circle: &BTreeSet<&str>, arrows: &Arrows) -> String {
    let inside = arrows.iter().filter(|((from, to), _)| circle.contains(&**from) && circle.contains(&**to));
    let lines = inside.map(|((from, to), names)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("  {from} -> {to}: {}", names.join(", "))
    });
    let lines: Vec<String> = lines.collect();
    format!("a circle of {} files:\n{}", circle.len(), lines.join("\n"))
}
