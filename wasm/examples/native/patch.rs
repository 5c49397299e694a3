//! Patches that fit a document, nearly fit it, and do not.

use crate::chance::Chance;
use crate::shape::{Shape, odd};
use crate::source::Sources;

/// A merge patch: parts of other documents, some of them null.
pub(crate) fn merge(sources: &Sources, chance: &mut Chance) -> Shape {
    let mut patch = sources.shape(chance);
    prune(&mut patch, chance);
    for _ in 0..chance.below(3) {
        *patch.anywhere(chance).1 = Shape::Word("null".to_owned());
    }
    patch
}

/// A merge patch that a resource may take: some of the spec of another one, and labels.
pub(crate) fn of_a_part(mut document: Shape, chance: &mut Chance) -> Shape {
    prune(&mut document, chance);
    let label = if chance.one_in(2) { Shape::text(chance.pick(&["1", "web"])) } else { odd(chance) };
    let labels = Shape::Members(vec![(chance.pick(&["a", "team"]).to_owned(), label)]);
    document.set("metadata", Shape::Members(vec![("labels".to_owned(), labels)]));
    document
}

/// Leaves out about half of all members.
fn prune(shape: &mut Shape, chance: &mut Chance) {
    if let Shape::Members(members) = shape {
        members.retain(|_| chance.one_in(2));
        members.iter_mut().for_each(|(_, value)| prune(value, chance));
    }
}

/// A JSON Patch of a document.
pub(crate) fn json(target: &Shape, chance: &mut Chance) -> Shape {
    let mut patch = Shape::Items((0..1 + chance.below(3)).map(|_| operation(target, chance)).collect());
    if chance.one_in(12) {
        *patch.anywhere(chance).1 = odd(chance);
    }
    patch
}

fn operation(target: &Shape, chance: &mut Chance) -> Shape {
    let (path, found) = pointer(target, chance);
    let word = chance.pick(&["add", "add", "replace", "replace", "remove", "test", "test", "move", "copy"]);
    let word = if chance.one_in(40) { "swap" } else { word };
    let mut operation = vec![("op".to_owned(), Shape::text(word)), ("path".to_owned(), Shape::Text(path))];
    if ["move", "copy"].contains(&word) || chance.one_in(30) {
        operation.push(("from".to_owned(), Shape::Text(pointer(target, chance).0)));
    }
    if ["add", "replace", "test"].contains(&word) != chance.one_in(30) {
        operation.push(("value".to_owned(), if chance.one_in(2) { found } else { odd(chance) }));
    }
    Shape::Members(operation)
}

/// A pointer to a place of a document, or to none, and what is there.
fn pointer(target: &Shape, chance: &mut Chance) -> (String, Shape) {
    const ENDS: [&str; 12] =
        ["/-", "/0", "/1", "/01", "/-1", "/4294967296", "/18446744073709551616", "/new", "/~01", "/~2", "/é🦀", "/"];
    let mut target = target.clone();
    let (mut pointer, found) = target.anywhere(chance);
    if chance.one_in(5) {
        pointer.push_str(chance.pick(&ENDS));
    }
    if chance.one_in(40) {
        pointer = pointer.replacen('/', "", 1);
    }
    (pointer, found.clone())
}
