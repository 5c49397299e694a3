//! The document that everything is measured with: a Deployment of about 2 KB, like those that people write.

use serde_json::{Value, json};

/// The kind of the document.
pub(crate) const KIND: &str = "Deployment";

/// The namespace that it lives in.
pub(crate) const NAMESPACE: &str = "default";

/// The name of the DeploymentTarget that the document refers to.
pub(crate) const TARGET: &str = "kubernetes-production";

/// A name of a resource; names of rising numbers rise.
pub(crate) fn name(number: usize) -> String {
    format!("pipeline-{number:08}")
}

/// The document of that number, with all that a user sends.
fn value(number: usize) -> Value {
    json!({
        "kind": KIND,
        "apiVersion": "v1",
        "metadata": {
            "name": name(number),
            "labels": {"team": "payments", "stage": "production", "cost-centre": "4711", "slot": "0"},
            "annotations": {"owner": "payments-oncall@example.org", "runbook": "https://runbooks.example.org/payments/pipeline"}
        },
        "spec": {
            "state": "RUNNING",
            "deploymentTargetName": TARGET,
            "maxSavepointCreationAttempts": 4,
            "maxJobCreationAttempts": 4,
            "restoreStrategy": {"kind": "LATEST_STATE", "allowNonRestoredState": false},
            "upgradeStrategy": {"kind": "STATEFUL"},
            "template": {
                "metadata": {"annotations": {"flink.queryable-state.enabled": "false", "flink.security.ssl.enabled": "false"}},
                "spec": {
                    "artifact": {
                        "kind": "JAR",
                        "jarUri": "s3://artifacts.example.org/payments/pipeline-assembly-3.14.1.jar",
                        "mainArgs": "--input kafka://events --output kafka://enriched --checkpoint 60s --watermark 5s",
                        "entryClass": "org.example.payments.EnrichmentPipeline",
                        "flinkVersion": "1.20",
                        "flinkImageRegistry": "registry.example.org/flink",
                        "flinkImageRepository": "flink",
                        "flinkImageTag": "1.20.1-stream1-scala_2.12-java17"
                    },
                    "flinkConfiguration": {
                        "execution.checkpointing.interval": "60s",
                        "execution.checkpointing.mode": "EXACTLY_ONCE",
                        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
                        "state.backend": "rocksdb",
                        "state.backend.incremental": "true",
                        "state.checkpoints.dir": "s3://state.example.org/payments/checkpoints",
                        "state.savepoints.dir": "s3://state.example.org/payments/savepoints",
                        "taskmanager.memory.managed.fraction": "0.4",
                        "high-availability": "kubernetes",
                        "metrics.reporters": "prom"
                    },
                    "parallelism": 8,
                    "numberOfTaskManagers": 4,
                    "resources": {
                        "jobmanager": {"cpu": 1, "memory": "2g"},
                        "taskmanager": {"cpu": 2, "memory": "8g"}
                    },
                    "logging": {"log4jLoggers": {"": "INFO", "org.apache.flink": "WARN", "org.example.payments": "DEBUG"}},
                    "kubernetes": {"pods": {"labels": {"team": "payments"}, "nodeSelector": {"pool": "streaming"}}}
                }
            }
        }
    })
}

/// Makes documents as JSON text, at next to no cost for each.
pub(crate) struct Texts {
    begin: String,
    end: String,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let text = value(0).to_string();
        let (begin, end) = text.split_once(&name(0)).expect("the name is in it");
        Self { begin: begin.to_owned(), end: end.to_owned() }
    }

    /// The document of that number as JSON text.
    pub(crate) fn text(&self, number: usize) -> String {
        [&self.begin, &name(number), &self.end].map(String::as_str).concat()
    }
}

/// A merge patch of three members, each time another one.
pub(crate) fn patch(number: usize) -> Value {
    json!({
        "metadata": {"labels": {"slot": number.to_string()}},
        "spec": {"template": {"spec": {"parallelism": 1 + number % 64, "flinkConfiguration": {"execution.checkpointing.interval": format!("{}s", 1 + number % 600)}}}}
    })
}
