//! No circles among files, and the layers of the engine: a file uses its own layer and those below.

use super::arrows::{Arrows, arrows};
use super::circles::{circles, words};
use super::root;

/// The crates, by their root files. One that is not there is skipped.
const CRATES: [&str; 5] =
    ["core/src/lib.rs", "server/src/lib.rs", "server/src/main.rs", "server/cli/src/lib.rs", "server/cli/src/main.rs"];

/// The layers of the engine from the bottom to the top; those in one row do not use each other. A layer is a file below
/// `core/src/engine` with the folder beside it, if there is one.
const LAYERS: [&[&str]; 11] = [
    &["stored"],
    &["filter"],
    &["index"],
    &["read"],
    &["retention"],
    &["check"],
    &["write"],
    &["simulate", "transaction", "watch"],
    &["open"],
    &["background"],
    &["store"],
];

fn all() -> Vec<(&'static str, Arrows)> {
    let there = CRATES.into_iter().filter(|file| root().join(file).is_file());
    there.map(|file| (file, arrows(&root(), file))).collect()
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let crates = all();
    let mut found = Vec::new();
    for (_, arrows) in &crates {
        found.extend(circles(arrows).iter().map(|circle| words(circle, arrows)));
    }
    assert!(found.is_empty(), "{} circles of files:\n{}", found.len(), found.join("\n"));
}

/// The row of a file's layer, and the layer.
fn layer(file: &str) -> Option<(usize, &'static str)> {
    let inside = file.strip_prefix("core/src/engine/")?;
    let name = inside.split('/').next()?.trim_end_matches(".rs");
    let row = LAYERS.iter().position(|row| row.contains(&name))?;
    LAYERS[row].iter().find(|layer| **layer == name).map(|layer| (row, *layer))
}

#[test]
fn a_layer_of_the_engine_uses_its_own_files_and_lower_layers_only() {
    let mut wrong = Vec::new();
    for ((from, to), names) in &arrows(&root(), "core/src/lib.rs") {
        if let (Some((row, layer)), Some((used_row, used))) = (layer(from), layer(to))
            && layer != used
            && used_row >= row
        {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            wrong.push(format!("  {from} -> {to}: {}", names.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "layers that use what is not below them:\n{}", wrong.join("\n"));
}

#[test]
fn a_circle_is_found_with_the_names_that_tie_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("src/lib.rs", "mod a; mod b; mod c; pub use a::A; pub use c::*; #[cfg(test)] mod tests;");
    write("src/a.rs", "mod inner; pub(crate) use inner::Inner; pub struct A; fn f() { crate::b::g(vec![super::C]); }");
    write("src/a/inner.rs", "pub struct Inner; impl Inner { fn f(self) { self.b.g() } }");
    write("src/b.rs", "use crate::{A, a::Inner}; pub fn g<T>(_: T) {} #[cfg(test)] mod tests { use crate::c::C; }");
    write("src/c.rs", "pub struct C; pub struct D(std::fmt::Error);");
    let arrows = arrows(folder.path(), "src/lib.rs");
    let found: Vec<_> = arrows.keys().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let expected =
        [("src/a.rs", "src/b.rs"), ("src/a.rs", "src/c.rs"), ("src/b.rs", "src/a.rs"), ("src/b.rs", "src/a/inner.rs")];
    assert_eq!(found, expected);
    let circles = circles(&arrows);
    assert_eq!(circles.len(), 1);
    let expected = "a circle of 2 files:\n  src/a.rs -> src/b.rs: crate::b::g\n  src/b.rs -> src/a.rs: crate::A";
    assert_eq!(words(&circles[0], &arrows), expected);
}
