//! The pages that belong to no kind: what there is, whether it works, what it is.

use http::{HeaderName, StatusCode};
use kindstore::kind::{Kind, Scope};
use serde_json::json;

use super::answer::{Answer, Outcome};
use super::route::Page;
use crate::fault::Fault;
use crate::probe::{Probe, failing};
use crate::shared::Shared;
use crate::swagger::{self, Form};

pub(super) fn answer(shared: &Shared, page: Page, form: Form) -> Answer {
    let document = match page {
        Page::Index => index(shared),
        Page::Status => return status(shared),
        Page::SystemInfo => system_info(&shared.build_version),
        Page::Description(api) => swagger::document(shared.store.registry(), api, form),
    };
    Answer::json(StatusCode::OK, document.to_string())
}

/// The state in one word: that of readiness, which `/readyz` gives the reasons of.
fn status(shared: &Shared) -> Answer {
    let (failing, revision) = (failing(&Probe::Ready.checks(Some(&shared.store))), shared.store.revision());
    match &failing[..] {
        // Lists are complete also while the index is being built, and history that waits does no harm to requests.
        [] | ["index"] | ["lag"] | ["index", "lag"] => {
            Answer::json(StatusCode::OK, json!({"status": "ok", "revision": revision}).to_string())
        }
        _ => {
            let document = json!({"status": "failed", "revision": revision, "failing": failing});
            Answer::json(StatusCode::SERVICE_UNAVAILABLE, document.to_string())
        }
    }
}

fn index(shared: &Shared) -> serde_json::Value {
    let path = |kind: &Kind| match kind.scope {
        Scope::Global => format!("{}/{}", kind.group, kind.plural),
        Scope::Namespaced => format!("{}/namespaces/{{namespace}}/{}", kind.group, kind.plural),
    };
    let kinds: Vec<_> = shared.store.registry().kinds().iter().map(|kind| path(kind)).collect();
    json!({
        "name": "kindstore",
        "version": env!("CARGO_PKG_VERSION"),
        "paths": kinds,
        "status": "/api/v1/status",
        "swagger": "/swagger",
        "grpc": "kindstore.v1.ResourceService",
    })
}

/// In the published form.
// The members are those of the published API; what only a JVM or a licence would have is empty or unlimited.
fn system_info(build_version: &str) -> serde_json::Value {
    json!({
        "kind": "SystemInformation",
        "apiVersion": "v1",
        "status": {
            "jvmVersion": "",
            "revisionInformation": {
                "buildTime": "", "buildVersion": build_version, "commitShaLong": "", "commitShaShort": "",
            },
            "resourceQuota": {"kind": "ResourceQuota", "apiVersion": "v1", "spec": {"type": "UNLIMITED"}},
        },
    })
}

/// A file of the Swagger pages, under a policy that lets it load nothing from elsewhere.
pub(super) fn swagger(file: &str) -> Outcome {
    let missing = || Fault::new("NotFound", format!("there is no file {file:?} of the Swagger pages"));
    let asset = swagger::asset(file).ok_or_else(missing)?;
    // The pages show descriptions from the server; a script in one of them must not run.
    let policy = HeaderName::from_static("content-security-policy");
    Ok(Answer::file(asset).with(policy, swagger::POLICY))
}
