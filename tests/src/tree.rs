//! The shape of the source tree: who uses whom, what a file says of itself, and that kinds are data.

mod arrows;
mod circles;
mod examples;
mod layers;
mod names;
mod scope;
mod weight;
mod words;

use std::path::{Path, PathBuf};

/// Who may use whom among the modules of core. A module is named by its path below `core/src`.
const ARROWS: [(&str, &[&str]); 14] = [
    ("json", &[]),
    ("checksum", &[]),
    ("delta", &[]),
    ("diagnostic", &["json"]),
    ("object", &["json"]),
    ("error", &["diagnostic", "object"]),
    ("manifest", &["json", "diagnostic", "error"]),
    ("kind", &["json", "diagnostic", "object", "error", "manifest"]),
    ("registry", &["json", "error", "manifest", "kind"]),
    ("rules", &["json", "diagnostic", "object", "error", "manifest", "kind", "rules"]),
    ("validator", &["json", "diagnostic", "manifest", "kind", "registry", "rules"]),
    ("editor", &["json", "diagnostic", "object", "error", "manifest", "kind", "registry", "rules", "editor"]),
    ("backend", &["checksum", "delta", "error", "backend"]),
    (
        "engine",
        &[
            "checksum",
            "delta",
            "json",
            "diagnostic",
            "object",
            "error",
            "manifest",
            "kind",
            "registry",
            "rules",
            "backend",
            "engine",
        ],
    ),
];

/// The longest that a file may be, tests not counted.
const MAX_LINES: usize = 500;

/// A source file without the part that is tests.
struct Source {
    path: PathBuf,
    name: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push(Source { path, name, text });
        }
    }
}

fn is_test(source: &Source) -> bool {
    is_test_name(&source.name)
}

/// Whether a file, named by its path below the root, is tests as a whole.
fn is_test_name(name: &str) -> bool {
    let parts = ["/tests.rs", "/tests/", "conformance", "differential"];
    name.starts_with("tests/") || parts.iter().any(|part| name.contains(part))
}

#[test]
fn modules_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for source in sources("core/src").iter().filter(|source| !is_test(source)) {
        let inside = source.path.strip_prefix(root().join("core/src")).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == module).expect("every module has its arrows");
        for used in used_modules(&source.text) {
            let is_known = ARROWS.iter().any(|(name, _)| *name == used);
            if is_known && used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that must not be:\n{}", wrong.join("\n"));
}

/// The modules that a text names after `crate::`.
fn used_modules(text: &str) -> Vec<String> {
    let names = text.split("crate::").skip(1);
    names.map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()).collect()
}

#[test]
fn core_knows_no_runtime_and_no_server() {
    for source in sources("core/src").iter().filter(|source| !is_test(source)) {
        for word in ["tokio", "tonic", "axum", "hyper", "kindstore_server"] {
            assert!(!source.text.contains(&format!("{word}::")), "{} uses {word}", source.name);
        }
    }
}

#[test]
fn rules_see_no_clock_no_chance_no_file_and_no_lock() {
    let editor = sources("core/src").into_iter().filter(|source| source.name.starts_with("core/src/editor"));
    for source in sources("core/src/rules").into_iter().chain(editor).filter(|source| !is_test(source)) {
        for word in ["std::fs", "std::time", "std::sync", "std::net", "SystemTime", "Mutex", "uuid::", "Timestamp::now"]
        {
            assert!(!source.text.contains(word), "{} uses {word}", source.name);
        }
    }
}

#[test]
fn no_rust_branches_on_the_name_of_a_kind() {
    let names: Vec<String> = std::fs::read_dir(root().join("core/kinds"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().find_map(|line| line.strip_prefix("kind: ")).unwrap().to_owned()
        })
        .collect();
    assert!(names.len() >= 9);
    for source in ["core/src", "server/src", "server/cli/src", "wasm/src"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| !is_test(source))
    {
        for line in source.text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for name in &names {
                assert!(!line.contains(&format!("\"{name}\"")), "{} names the kind {name}: {line}", source.name);
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    let folders = [
        "core/src",
        "server/src",
        "server/cli/src",
        "clients/rust/src",
        "proto/src",
        "wasm/src",
        "wasm/bindgen/src",
        "wasm/format/src",
    ];
    let tests = ["tests/src", "tests/fuzz/src", "tests/bench/src"];
    for source in folders.into_iter().chain(tests).flat_map(sources) {
        assert!(source.text.starts_with("//! "), "{} begins by saying what it is for", source.name);
        assert!(!source.name.ends_with("/mod.rs"), "{}: a module's file stands beside its folder", source.name);
        let lines = source.text.lines().count();
        assert!(is_test(&source) || lines <= MAX_LINES, "{} has {lines} lines", source.name);
    }
}

#[test]
fn core_without_features_has_no_runtime_in_its_tree() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--package", "kindstore", "--no-default-features", "--edges", "normal", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success());
    let tree = String::from_utf8(tree.stdout).unwrap();
    for word in ["tokio ", "sled ", "tonic ", "futures-util ", "futures-executor "] {
        assert!(!tree.lines().any(|line| line.starts_with(word)), "{word}is in the tree of core without features");
    }
}
