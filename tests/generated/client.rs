//! Uses the clients in Rust that an ordinary generator made from both forms of a description: client http://127.0.0.1:8080

use serde_json::json;

/// Both clients have the same functions, of different types.
macro_rules! uses {
    ($client:ident, $address:expr, $name:expr) => {{
        use $client::apis::{Error, configuration::Configuration, deployment_api as deployments, deployment_target_api as targets};
        use $client::models::{Deployment, DeploymentTarget};

        let configuration = Configuration { base_path: $address.to_owned(), ..Configuration::new() };
        let (namespace, name) = ("default", $name);
        let target: DeploymentTarget =
            serde_json::from_value(json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}})).expect("a target");
        let made = targets::create_deployment_target(&configuration, namespace, target, None, None).expect("created");
        assert_eq!((made.metadata.name.as_str(), made.metadata.resource_version), (name, Some(1)));

        let logging = json!({"log4jLoggers": {"": "INFO", "org.example": "DEBUG"}});
        let spec = json!({"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar"}, "logging": logging,
            "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "2"}});
        let deployment: Deployment = serde_json::from_value(
            json!({"metadata": {"name": name}, "spec": {"deploymentTargetName": name, "template": {"spec": spec}}}),
        )
        .expect("a deployment");
        let created = deployments::create_deployment(&configuration, namespace, deployment.clone(), None, None);
        let state = created.expect("created").spec.state.expect("a state");
        assert_eq!(serde_json::to_value(state).expect("a word"), json!("CANCELLED"));
        let patch = json!({"metadata": {"labels": {"made": "by a generator"}}});
        let patched = deployments::patch_deployment(&configuration, namespace, name, patch, None, None, None);
        let labels = patched.expect("patched").metadata.labels.expect("labels");
        assert_eq!(labels.get("made").map(String::as_str), Some("by a generator"));
        let replaced =
            deployments::upsert_deployment(&configuration, namespace, name, deployment, None, None, None, None);
        assert_eq!(replaced.expect("replaced").metadata.resource_version, Some(3));
        let list = deployments::list_deployments(&configuration, namespace, None, None, None, None, None);
        let list = list.expect("a list");
        let found = list.items.iter().find(|item| item.metadata.name == name).expect("it is listed");
        let found = serde_json::to_value(found).expect("JSON");
        assert_eq!(found["spec"]["template"]["spec"]["logging"]["log4jLoggers"][""], "INFO");
        assert_eq!(found["spec"]["template"]["spec"]["flinkConfiguration"]["taskmanager.numberOfTaskSlots"], "2");
        deployments::delete_deployment(&configuration, namespace, name, None, None).expect("deleted");
        match deployments::get_deployment(&configuration, namespace, name, None) {
            Err(Error::ResponseError(gone)) => {
                assert_eq!(gone.status, 404);
                assert!(gone.content.contains("\"NotFound\""), "{}", gone.content);
            }
            other => panic!("a deleted Deployment came back: {other:?}"),
        }
    }};
}

fn main() {
    let address = std::env::args().nth(1).expect("the address of a server");
    uses!(openapi3, address, "rust-3");
    uses!(openapi2, address, "rust-2");
}
