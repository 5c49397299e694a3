//! What must hold of any input, one function for each place where input comes in. Each panics when something does not
//! hold. libFuzzer calls them with what it thinks up, the tests with the seeds and with what was found once.

mod assist;
mod client;
mod grpc;
mod manifest;
mod names;
mod patch;
mod record;
mod rest;
mod validate;

pub use self::assist::assist;
pub use self::grpc::grpc;
pub use self::manifest::manifest;
pub use self::names::names;
pub use self::patch::patch;
pub use self::record::record;
pub use self::rest::rest;
pub use self::validate::validate;

/// One of the functions by its name, which is also the name of its folder of seeds.
pub type Target = (&'static str, fn(&[u8]));

/// All functions with their names.
pub const TARGETS: [Target; 8] = [
    ("assist", assist),
    ("grpc", grpc),
    ("manifest", manifest),
    ("names", names),
    ("patch", patch),
    ("record", record),
    ("rest", rest),
    ("validate", validate),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Seeds and what was found once, under names that say what it is.
    #[test]
    fn every_seed_holds() {
        for (name, target) in TARGETS {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
            let mut count = 0;
            for entry in std::fs::read_dir(folder).expect("a folder of seeds") {
                let path = entry.expect("readable").path();
                let input = std::fs::read(&path).expect("readable");
                assert!(std::panic::catch_unwind(|| target(&input)).is_ok(), "{} does not hold", path.display());
                count += 1;
            }
            assert!(count >= 3, "{name} has {count} seeds");
        }
    }
}
