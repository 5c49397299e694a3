//! Examples in Rust on the pages are whole: what is pasted into a new package, with the dependencies that stand on the page, compiles.

use std::fs;

use super::root;

/// The pages with examples for programs.
const PAGES: [&str; 5] =
    ["README.md", "docs/embedding.md", "docs/kinds.md", "clients/rust/README.md", "proto/README.md"];

/// The blocks of a page with a tag.
fn blocks<'p>(page: &'p str, tag: &str) -> Vec<&'p str> {
    let tagged = |block: &&str| block.lines().next().is_some_and(|line| line.split(',').next() == Some(tag));
    page.split("\n```").filter(tagged).map(|block| block.split_once('\n').map_or("", |(_, code)| code)).collect()
}

#[test]
fn examples_on_pages_hide_no_line() {
    let pages = fs::read_dir(root().join("docs")).expect("the pages").map(|entry| entry.expect("a page").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|end| end == "md"));
    for path in pages.chain(PAGES.map(|page| root().join(page))) {
        let page = fs::read_to_string(&path).expect("a page");
        for block in blocks(&page, "rust") {
            let hidden = block.lines().find(|line| *line == "#" || line.starts_with("# "));
            assert_eq!(hidden, None, "readers of {} see this line of the documentation test", path.display());
        }
    }
}

#[test]
fn examples_on_pages_are_programs_with_their_dependencies() {
    for name in &PAGES[..4] {
        let page = fs::read_to_string(root().join(name)).expect("a page");
        let dependencies = blocks(&page, "toml").concat();
        let examples = blocks(&page, "rust");
        assert!(!examples.is_empty(), "{name} has examples");
        for block in examples {
            assert!(block.contains("fn main() -> "), "{name} has an example that is no program:\n{block}");
            for line in block.lines().filter_map(|line| line.strip_prefix("use ")) {
                let (used, _) = line.split_once("::").expect("a path");
                let is_said = [used.to_owned(), used.replace('_', "-")]
                    .iter()
                    .any(|package| dependencies.contains(&format!("{package} = ")));
                assert!(used == "std" || is_said, "{name} uses {used} and does not say so");
            }
        }
        assert!(!dependencies.contains("= \"0."), "{name}: no version of these packages is published yet");
    }
}
