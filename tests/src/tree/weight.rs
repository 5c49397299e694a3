//! What an embedder gets with the crate: the crates of its default features, so that their growth is seen.

use super::root;

/// `KINDSTORE_GOLDEN=write cargo test` writes the list anew; the difference is for reading.
#[test]
fn the_crates_of_core_grow_only_where_somebody_sees_it() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--package", "kindstore", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty());
    let names: std::collections::BTreeSet<&str> = names.collect();
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    let golden = root().join("tests/golden/crates.txt");
    if std::env::var("KINDSTORE_GOLDEN").is_ok_and(|word| word == "write") {
        std::fs::write(&golden, &text).unwrap();
    }
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(text, known, "tests/golden/crates.txt lists other crates than core needs");
}
