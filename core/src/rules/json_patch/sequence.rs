//! The steps from one list to another: items that stay, change, go and come. The work is bounded, the result deterministic.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::json::Json;

/// The largest product of two lengths for which the longest common part is looked for.
const MAX_CELLS: usize = 250_000;

/// One step from an old list to a new one; the steps go through both from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next items of both are equal.
    Keep,
    /// The next item replaces the other; `true` when both have the same id or name.
    Change { is_known: bool },
    /// The next item of the old one goes.
    Remove,
    /// The next item of the new one comes.
    Add,
}

/// The steps from one list to another. Equal items stay where they can; of the others, those with the same `id` or
/// `name` are changed, then those at the same place.
pub(super) fn steps(old: &[Json], new: &[Json]) -> Vec<Step> {
    let mut texts = BTreeMap::new();
    let (old_marks, new_marks) = (marks(old, &mut texts), marks(new, &mut texts));
    let common = common(&old_marks, &new_marks);
    let mut steps = Vec::with_capacity(old.len().max(new.len()));
    between(&common, old.len(), new.len(), |is_common, from, to| match is_common {
        true => steps.push(Step::Keep),
        false => gap(&old[from], &new[to], &mut steps),
    });
    steps
}

/// Items as numbers: equal items have the same number.
fn marks(items: &[Json], texts: &mut BTreeMap<String, usize>) -> Vec<usize> {
    let mut mark = |item: &Json| {
        let next = texts.len();
        *texts.entry(item.to_text()).or_insert(next)
    };
    items.iter().map(&mut mark).collect()
}

/// The steps for stretches without equal items.
fn gap(old: &[Json], new: &[Json], steps: &mut Vec<Step>) {
    let (old_names, new_names) = (names(old), names(new));
    let mut known = common(&old_names, &new_names);
    // Items without an identity compare as equal `None`s, which says nothing.
    known.retain(|(from, _)| old_names[*from].is_some());
    between(&known, old.len(), new.len(), |is_known, from, to| {
        let both = from.len().min(to.len());
        steps.extend(std::iter::repeat_n(Step::Change { is_known }, both));
        steps.extend(std::iter::repeat_n(Step::Remove, from.len() - both));
        steps.extend(std::iter::repeat_n(Step::Add, to.len() - both));
    });
}

/// The identity of an item: the `id`, or else the `name`.
fn names(items: &[Json]) -> Vec<Option<(&str, &str)>> {
    let name = |item| ["id", "name"].into_iter().find_map(|member| Some((member, Json::get(item, member)?.as_str()?)));
    items.iter().map(name).collect()
}

/// Goes through two lists by their common items: calls with each of these, and with the stretches between them that are not
/// empty.
fn between(common: &[(usize, usize)], old: usize, new: usize, mut visit: impl FnMut(bool, Range<usize>, Range<usize>)) {
    let (mut from, mut to) = (0, 0);
    for (next_from, next_to) in common.iter().copied().chain([(old, new)]) {
        if (from, to) != (next_from, next_to) {
            visit(false, from..next_from, to..next_to);
        }
        if next_from < old && next_to < new {
            visit(true, next_from..next_from + 1, next_to..next_to + 1);
        }
        (from, to) = (next_from + 1, next_to + 1);
    }
}

/// The places of a longest common part, in both lists; of very long lists, of the beginning and the end only.
fn common<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let first = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[first..], &new[first..]);
    let last = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_middle, new_middle) = (&old_rest[..old_rest.len() - last], &new_rest[..new_rest.len() - last]);
    let mut found: Vec<(usize, usize)> = (0..first).map(|at| (at, at)).collect();
    found.extend(longest(old_middle, new_middle).into_iter().map(|(from, to)| (first + from, first + to)));
    found.extend((0..last).map(|at| (old.len() - last + at, new.len() - last + at)));
    found
}

/// The longest common part by a table; nothing when that would be too large.
fn longest<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    // The table takes time and memory of the product of both lengths. Without it the patch is longer, and still
    // correct.
    if old.len().saturating_mul(new.len()) > MAX_CELLS {
        return Vec::new();
    }
    let width = new.len() + 1;
    // How long the common part of what follows is, for each place in both.
    let mut table = vec![0_u32; (old.len() + 1) * width];
    for from in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            let at = from * width + to;
            table[at] = match old[from] == new[to] {
                true => table[at + width + 1] + 1,
                false => table[at + width].max(table[at + 1]),
            };
        }
    }
    let (mut from, mut to, mut found) = (0, 0, Vec::new());
    while from < old.len() && to < new.len() {
        let at = from * width + to;
        if old[from] == new[to] {
            found.push((from, to));
            (from, to) = (from + 1, to + 1);
        } else if table[at + width] >= table[at + 1] {
            from += 1;
        } else {
            to += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(old: serde_json::Value, new: serde_json::Value) -> String {
        let (old, new) = (Json::from(old), Json::from(new));
        let steps = steps(old.as_array().expect("a list"), new.as_array().expect("a list"));
        let letter = |step: &Step| match step {
            Step::Keep => '=',
            Step::Change { is_known: true } => '~',
            Step::Change { is_known: false } => '!',
            Step::Remove => '-',
            Step::Add => '+',
        };
        steps.iter().map(letter).collect()
    }

    #[test]
    fn what_is_the_same_stays_and_what_has_the_same_name_is_changed() {
        for (old, new, expected) in [
            (json!([]), json!([]), ""),
            (json!([]), json!([1, 2]), "++"),
            (json!([1, 2]), json!([]), "--"),
            (json!([1, 2, 3]), json!([1, 3]), "=-="),
            (json!([1, 3]), json!([1, 2, 3]), "=+="),
            (json!([1, 2, 3]), json!([1, 9, 3]), "=!="),
            (json!([1, 2, 3, 4]), json!([2, 4, 5]), "-=-=+"),
            (json!([1, 1, 1]), json!([1, 1]), "==-"),
            (json!([1.0, 1]), json!([1]), "-="),
            (
                json!([{"name": "a", "x": 1}, {"name": "b"}]),
                json!([{"name": "n"}, {"name": "a", "x": 2}, {"name": "b"}]),
                "+~=",
            ),
            (json!([{"id": "1", "x": 1}, {"id": "2", "x": 1}]), json!([{"id": "2", "x": 2}]), "-~"),
            (json!([{"name": "a"}]), json!([{"name": "b"}]), "!"),
        ] {
            assert_eq!(shown(old.clone(), new.clone()), expected, "{old} to {new}");
        }
    }

    #[test]
    fn what_is_very_long_is_compared_place_by_place() {
        let numbers = |range: Range<usize>| json!(range.collect::<Vec<_>>());
        assert_eq!(shown(numbers(0..400), numbers(200..600)).matches('=').count(), 200);
        assert_eq!(shown(numbers(0..2000), numbers(1000..3000)), "!".repeat(2000));
    }
}
