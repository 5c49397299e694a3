//! Resources as types of the program: `cargo run --package kindstore --example typed -- FOLDER`

use kindstore::{Error, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Serialize, Deserialize)]
struct Target {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Serialize, Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Spec {
    kubernetes: Value,
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "kindstore-example".to_owned());
    let store = Store::open(&folder)?;
    let targets = store.kind("DeploymentTarget")?.namespace("default").typed::<Target>();

    let metadata = Metadata { name: "typed".to_owned() };
    let target = Target { metadata, spec: Spec { kubernetes: json!({"namespace": "flink"}) } };
    targets.upsert("typed", &target).wait()?;

    for target in targets.iter() {
        let Target { metadata, spec } = target?;
        println!("{} runs in {}", metadata.name, spec.kubernetes["namespace"]);
    }
    targets.delete("typed").wait()?;
    Ok(())
}
