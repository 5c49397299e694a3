//! Collects `kinds/*.yaml`, so that adding a kind adds a file and touches no Rust. They become JSON, which is read in a
//! fifth of the time whenever a store is opened or a page is loaded.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("kinds");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut code = list("BUILTIN_KINDS", "The definitions of the built-in kinds", &folder)?;
    code += &list("SHARED_SCHEMAS", "The schemas that definitions share, by name", &folder.join("shared"))?;
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("builtin_kinds.rs"), code)
}

/// Rust for a list of the YAML files of a folder, as JSON.
fn list(name: &str, what: &str, folder: &Path) -> io::Result<String> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut code = format!("/// {what}, in the order of their file names.\nconst {name}: &[&str] = &[\n");
    for file in files {
        let wrong = |error: serde_yaml::Error| io::Error::other(format!("{}: {error}", file.display()));
        let value: serde_json::Value = serde_yaml::from_str(&fs::read_to_string(&file)?).map_err(wrong)?;
        writeln!(code, "    {:?},", value.to_string()).map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    Ok(code)
}
