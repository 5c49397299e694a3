//! Asks the calls natively for what chance makes up, and writes each down with its answer: `native FILE`. The test
//! `wasm/test/differential.mjs` asks the module the same. `KINDSTORE_SEED=N` makes up something else.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod chance;
mod manifests;
mod patch;
mod record;
mod request;
mod shape;
mod source;
mod spelling;
mod store;

use std::path::Path;
use std::sync::Arc;

use kindstore_wasm::call::kinds;

/// How many manifests are judged, and as many documents are patched.
const MANIFESTS: usize = 6000;
const STORES: usize = 300;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "target/native.jsonl".to_owned());
    let seed = std::env::var("KINDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(2026);
    let mut chance = chance::Chance(seed);
    let mut record = record::Record::create(Path::new(&path))?;
    let registry = Arc::new(kinds::registry(&[]).expect("the definitions load"));
    let sources = source::Sources::load(&registry);
    manifests::know(&registry, &sources, &mut record, &mut chance);
    for _ in 0..MANIFESTS {
        manifests::judge(&registry, &sources, &mut record, &mut chance);
        manifests::change(&registry, &sources, &mut record, &mut chance);
    }
    for _ in 0..STORES {
        store::live(&registry, &sources, &mut record, &mut chance);
    }
    let (calls, failures) = (record.calls, record.failures);
    record.end()?;
    println!("KINDSTORE_SEED={seed}: {calls} calls, of which {failures} fail");
    Ok(())
}
