//! A store inside a program: create, patch, list, and what a refusal looks like.
//!
//! `cargo run --package kindstore --example embed -- FOLDER`

use kindstore::{Error, Expected, GetOptions, ListOptions, Store, WriteOptions};
use serde_json::json;

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "kindstore-example".to_owned());
    let store = Store::open(&folder)?;
    let namespace = Some("default");

    let target = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {"namespace": "flink"}}});
    match store.create("DeploymentTarget", namespace, target, WriteOptions::default()).wait() {
        Ok(written) => println!("created {} with id {}", written.object.kind, written.object.metadata.id),
        Err(Error::AlreadyExists { name, .. }) => println!("{name} is there from an earlier run"),
        Err(error) => return Err(error),
    }

    // Upsert creates or replaces; the same document again changes nothing and keeps the version.
    let clicks = json!({"spec": {
        "deploymentTargetName": "jobs",
        "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://apps/clicks.jar"}}},
    }});
    let written = store.upsert("Deployment", namespace, "clicks", clicks, WriteOptions::default()).wait()?;
    let version = written.object.metadata.resource_version;
    println!("clicks is at version {version}");

    // A write that must not overwrite what others did in the meantime.
    let options = WriteOptions { expected: Some(Expected::version(version)), ..WriteOptions::default() };
    let patch = json!({"metadata": {"labels": {"team": "web", "seen": version.to_string()}}});
    let written = store.patch("Deployment", namespace, "clicks", patch, options).wait()?;
    println!("clicks is at version {}", written.object.metadata.resource_version);

    // Writes need no waiting one by one: all of these share a few syncs.
    let writes: Vec<_> = (0..100)
        .map(|number| {
            let patch = json!({"metadata": {"annotations": {format!("n{number}"): "x"}}});
            store.patch("Deployment", namespace, "clicks", patch, WriteOptions::default())
        })
        .collect();
    for write in writes {
        write.wait()?;
    }

    let refused = json!({"metadata": {"name": "Not A Name", "labels": []}, "spec": {}});
    if let Err(error) = store.create("Deployment", namespace, refused, WriteOptions::default()).wait() {
        println!("refused: {error}");
    }

    for object in store.list("Deployment", namespace, ListOptions::default())?.items {
        println!("{} at version {}", object.metadata.name.unwrap_or_default(), object.metadata.resource_version);
    }
    println!("{}", store.get("DeploymentTarget", namespace, "jobs", GetOptions::default())?.to_json());
    Ok(())
}
