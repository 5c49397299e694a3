//! Compiles the interface definitions without a protoc on the machine.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=kindstore");
    let files = protox::compile(["kindstore/v1/resource.proto", "kindstore/v1/resource_service.proto"], ["."])?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("kindstore.bin"), files.encode_to_vec())?;
    // Documents are shared, not copied: a page of a list can be large. Maps are small, and hashing costs more than it gains.
    // What a watch tells many clients is written once, so that its message holds a resource that is written already.
    let builder = tonic_prost_build::configure().bytes(".").btree_map(".");
    builder.extern_path(".kindstore.v1.WatchResponse", "crate::WatchResponse").compile_fds(files)?;
    Ok(())
}
