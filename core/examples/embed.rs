//! A store inside a program: create, patch, list, and a refused write.
//!
//! `cargo run --package kindstore --example embed -- FOLDER`

use kindstore::{Error, Store};
use serde_json::json;

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "kindstore-example".to_owned());
    let store = Store::open(&folder)?;
    let targets = store.kind("DeploymentTarget")?.namespace("default");
    let deployments = store.kind("Deployment")?.namespace("default");

    let target = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {"namespace": "flink"}}});
    match targets.create(target).wait() {
        Ok(written) => println!("created {} with id {}", written.object.kind, written.object.metadata.id),
        Err(Error::AlreadyExists { name, .. }) => println!("{name} is there from an earlier run"),
        Err(error) => return Err(error),
    }

    // Upsert creates or replaces; the same document again changes nothing and keeps the version.
    let clicks = json!({"spec": {
        "deploymentTargetName": "jobs",
        "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://apps/clicks.jar"}}},
    }});
    let version = deployments.upsert("clicks", clicks).wait()?.object.metadata.resource_version;
    println!("clicks is at version {version}");

    // A write that must not overwrite what others did in the meantime.
    let patch = json!({"metadata": {"labels": {"team": "web", "seen": version.to_string()}}});
    let written = deployments.patch("clicks", patch).expect_version(version).wait()?;
    println!("clicks is at version {}", written.object.metadata.resource_version);

    // All of these are submitted before any is waited for, and so share a few syncs of the disk.
    let patch = |number: u32| json!({"metadata": {"annotations": {format!("n{number}"): "x"}}});
    let writes: Vec<_> = (0..100).map(|number| deployments.patch("clicks", patch(number)).submit()).collect();
    for write in writes {
        write.wait()?;
    }

    let refused = json!({"metadata": {"name": "Not A Name", "labels": []}, "spec": {}});
    if let Err(error) = deployments.create(refused).wait() {
        println!("refused: {error}");
    }

    for object in deployments.iter() {
        let metadata = object?.metadata;
        println!("{} at version {}", metadata.name.unwrap_or_default(), metadata.resource_version);
    }
    println!("{}", targets.get("jobs")?.to_json());
    Ok(())
}
