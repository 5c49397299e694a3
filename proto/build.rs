//! Compiles the proto files without an installed protoc.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=kindstore");
    let files = protox::compile(["kindstore/v1/resource.proto", "kindstore/v1/resource_service.proto"], ["."])?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("kindstore.bin"), files.encode_to_vec())?;
    // `Bytes` shares documents instead of copying them, because pages can be large. Maps are small, and hashing costs more than a tree.
    // Many clients watch the same change, so `WatchResponse` contains a resource that is encoded once.
    let builder = tonic_prost_build::configure().bytes(".").btree_map(".");
    builder.extern_path(".kindstore.v1.WatchResponse", "crate::WatchResponse").compile_fds(files)?;
    Ok(())
}
