//! Collects `kinds/*.yaml`, so that adding a kind adds a file and touches no Rust.

use std::fmt::Write as _;
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("kinds");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<_> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut code = String::from(
        "/// The definitions of the built-in kinds, in the order of their file names.\nconst BUILTIN_KINDS: &[&str] = &[\n",
    );
    for file in files {
        writeln!(code, "    include_str!({file:?}),").map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("builtin_kinds.rs"), code)
}
