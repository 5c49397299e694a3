//! What is simulated of resources that are given in each of their forms; that patches are answered as by a store, the cases
//! show.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use serde_json::{Value, json};

use super::*;
use crate::engine::WriteOptions;
use crate::engine::{Store, StoreBuilder};
use crate::json::Json;
use crate::manifest::{Format, Limits, read};
use crate::object::{ResourceId, Timestamp};
use crate::rules::version::Expected;

const NAMESPACE: &str = "default";

fn simulate(
    kind: &str,
    resource: Value,
    patch: Value,
    options: &SimulateOptions,
) -> std::result::Result<WriteOutcome, SimulateError> {
    simulate_patch(&Registry::builtin().unwrap(), kind, Json::from(resource), Json::from(patch), options)
}

fn deployment() -> Value {
    json!({"metadata": {"name": "clicks"}, "spec": {"deploymentTargetName": "jobs", "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}}}}})
}

#[test]
fn a_manifest_is_taken_as_it_would_be_created() {
    let now = Timestamp::from_micros(1_714_550_400_000_000);
    let layer = Json::from(json!({"spec": {"template": {"spec": {"parallelism": 7}}}}));
    let options = SimulateOptions { now, defaults: vec![layer], ..SimulateOptions::default() };
    let same = simulate("Deployment", deployment(), json!({}), &options).unwrap();
    let metadata = &same.object.metadata;
    assert_eq!((same.changed, metadata.resource_version, metadata.created_at), (false, 1, now));
    assert_eq!((metadata.modified_at, metadata.namespace.as_deref()), (Some(now), Some(NAMESPACE)));
    assert_eq!(metadata.id, ResourceId::from_bytes([0; 16]));
    let shown = same.object.to_value();
    assert_eq!(shown.at("/spec/template/spec/parallelism"), Some(&Json::from(json!(7))));
    assert_eq!(shown.at("/status/state"), Some(&"CANCELLED".into()));
    let changed = simulate("Deployment", deployment(), json!({"spec": {"state": "running"}}), &options).unwrap();
    assert_eq!((changed.changed, changed.object.metadata.resource_version), (true, 2));
    assert_eq!(changed.object.spec_value().at("/state"), Some(&"RUNNING".into()));
}

#[test]
fn a_manifest_and_a_new_resource_of_a_store_are_alike() {
    let store = Store::in_memory().unwrap();
    let target = json!({"metadata": {"name": "jobs"}, "spec": {"kubernetes": {}}});
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target).wait().unwrap();
    let created = store.kind("Deployment").unwrap().namespace(NAMESPACE).create(deployment()).wait().unwrap().object;
    let metadata = &created.metadata;
    let options = SimulateOptions { now: metadata.created_at, id: Some(metadata.id), ..SimulateOptions::default() };
    assert_eq!(simulate("Deployment", deployment(), json!({}), &options).unwrap().object, created);
}

#[test]
fn what_is_given_stays_as_it_is() {
    let mut given = deployment();
    given["metadata"] = json!({
        "name": "clicks", "namespace": "shop", "id": "5b0c0bd4-4d8b-4f8e-9d1c-5a0f3d2f7c11", "resourceVersion": 41,
        "createdAt": "2024-05-01T08:00:00.123456Z", "modifiedAt": "2024-05-01T08:30:00Z", "labels": {"a": "1"},
    });
    given["status"] = json!({"state": "RUNNING"});
    // The clock may be behind.
    let options = SimulateOptions { now: Timestamp::from_micros(1_714_550_400_000_000), ..SimulateOptions::default() };
    let patch = json!({"metadata": {"labels": {"b": "2"}}, "status": {"state": "FAILED"}});
    let object = simulate("Deployment", given, patch, &options).unwrap().object;
    let metadata = &object.metadata;
    assert_eq!((metadata.resource_version, metadata.namespace.as_deref()), (42, Some("shop")));
    assert_eq!(metadata.created_at.to_string(), "2024-05-01T08:00:00.123456Z");
    assert_eq!(metadata.modified_at.unwrap().to_string(), "2024-05-01T08:30:00.000000Z");
    assert_eq!(metadata.labels.as_ref().unwrap().len(), 2);
    assert_eq!(object.status_value().at("/state"), Some(&"RUNNING".into()));
    assert_eq!(object.spec_value().at("/state"), None, "nothing is filled in");
}

#[test]
fn what_is_wrong_with_the_resource_is_told_in_its_own_text() {
    let text =
        "metadata:\n  name: clicks\n  id: seven\n  resourceVersion: many\nspec:\n  state: FLYING\n  template: {}\n";
    let resource = read(text.as_bytes(), Format::Yaml, &Limits::default()).unwrap();
    let patch = Json::from(json!({"spec": 1}));
    let registry = Registry::builtin().unwrap();
    let options = SimulateOptions::default();
    let refused = simulate_patch(&registry, "Deployment", resource, patch, &options).unwrap_err();
    let SimulateError::Resource(Error::Invalid { problems, .. }) = refused else { panic!("{refused}") };
    let places: Vec<_> = problems.iter().map(|it| (it.pointer.as_str(), it.span.unwrap().start.line)).collect();
    assert_eq!(
        places,
        [
            ("/metadata/id", 3),
            ("/metadata/resourceVersion", 4),
            ("/spec", 5),
            ("/spec/state", 6),
            ("/spec/template/spec", 7)
        ]
    );
    for resource in [json!(7), json!(null), json!([]), json!("x")] {
        let refused = simulate("Deployment", resource, json!({}), &options).unwrap_err();
        assert!(matches!(refused, SimulateError::Resource(Error::Invalid { .. })), "{refused}");
    }
}

#[test]
fn a_patch_is_refused_as_by_a_store() {
    let options = SimulateOptions::default();
    let refused =
        |kind: &str, patch: Value, options: &SimulateOptions| match simulate(kind, deployment(), patch, options)
            .unwrap_err()
        {
            SimulateError::Patch(error) => error,
            other => panic!("{other}"),
        };
    assert_eq!(refused("Deployment", json!([]), &options).reason(), "BadRequest");
    assert_eq!(refused("Deployment", json!({"metadata": {"name": "x"}}), &options).reason(), "Invalid");
    assert_eq!(refused("Nothing", json!({}), &options).reason(), "BadRequest");
    assert_eq!(refused("Event", json!({}), &options).reason(), "MethodNotAllowed");
    let write = WriteOptions { expected: Some(Expected::version(3)), ..WriteOptions::default() };
    let expecting = SimulateOptions { write, ..SimulateOptions::default() };
    let error = refused("Deployment", json!({}), &expecting);
    assert!(matches!(&error, Error::PreconditionFailed { key, actual: Some(1), .. } if key == "clicks"), "{error}");
    let long = json!({"metadata": {"annotations": {"a": "x".repeat(2 << 20)}}});
    assert!(refused("Deployment", long, &options).to_string().contains("the limit is"));
}

#[test]
fn secrets_are_not_shown_and_not_lost() {
    let store = StoreBuilder::default().plain_secrets(true).open().unwrap();
    let secret = json!({"metadata": {"name": "key"}, "spec": {"kind": "PLAIN", "value": "hush"}});
    store.kind("SecretValue").unwrap().namespace(NAMESPACE).create(secret).wait().unwrap();
    let shown = store.kind("SecretValue").unwrap().namespace(NAMESPACE).get("key").unwrap().to_value();
    let options = SimulateOptions { plain_secrets: true, ..SimulateOptions::default() };
    let patches = [
        json!({}),
        json!({"metadata": {"labels": {"a": "1"}}}),
        json!({"spec": {"value": 5}}),
        json!({"spec": {"value": []}}),
    ];
    for patch in patches {
        let dry = WriteOptions { dry_run: true, ..WriteOptions::default() };
        let answer =
            store.kind("SecretValue").unwrap().namespace(NAMESPACE).patch("key", patch.clone()).options(dry).wait();
        let now = answer.as_ref().ok().and_then(|written| written.object.metadata.modified_at).unwrap_or_default();
        let options = SimulateOptions { now, ..options.clone() };
        let simulated = simulate("SecretValue", shown.clone().into(), patch.clone(), &options);
        match (answer, simulated) {
            (Ok(written), Ok(simulated)) => assert_eq!(simulated, written, "{patch}"),
            (Err(error), Err(SimulateError::Patch(simulated))) => assert_eq!(simulated.to_string(), error.to_string()),
            (answer, simulated) => panic!("{answer:?} and {simulated:?}"),
        }
    }
    let refused = simulate("SecretValue", shown.into(), json!({}), &SimulateOptions::default()).unwrap_err();
    assert!(matches!(refused, SimulateError::Patch(Error::NotConfigured { .. })), "{refused}");
}

#[test]
fn the_flat_form_of_a_kind_is_taken_as_it_is_shown() {
    let definition = include_str!("../../../kinds/namespace.yaml").replace("isNamespace: true\n", "");
    let definition = definition.replace("kind: Namespace", "kind: Team").replace("[list, get,", "[list, get, patch,");
    let definition =
        definition.replace("plural: namespaces", "plural: teams").replace("singular: namespace", "singular: team");
    let definition = definition
        .replace("[ns]", "[rm]")
        .replace("fromTheStart: [default]\n", "")
        .replace("/namespaces/v1", "/teams/v1");
    let lines = definition.lines().filter(|line| !line.starts_with("terminating:")).collect::<Vec<_>>();
    let registry = Registry::with(&[&lines.join("\n")]).unwrap();
    let store = StoreBuilder::default().registry(registry.clone()).open().unwrap();
    let team = json!({"name": "namespaces/one", "roleBindings": [{"role": "viewer", "members": ["user:a"]}]});
    let created = store.kind("Team").unwrap().create(team).wait().unwrap().object;
    let shown = registry.require("Team").unwrap().document(&created);
    let patch = Json::from(json!({"roleBindings": [{"role": "editor", "members": ["user:b"]}]}));
    let dry = WriteOptions { dry_run: true, ..WriteOptions::default() };
    let written = store.kind("Team").unwrap().patch("one", patch.clone()).options(dry).wait().unwrap();
    let options = SimulateOptions {
        now: written.object.metadata.modified_at.unwrap(),
        id: Some(created.metadata.id),
        ..SimulateOptions::default()
    };
    let simulated = simulate_patch(&registry, "Team", shown, patch, &options).unwrap();
    // This form shows times in whole seconds.
    let mut expected = written.object;
    expected.metadata.created_at = Timestamp::parse(&expected.metadata.created_at.to_seconds_text()).unwrap();
    assert_eq!(simulated.object, expected);
}
