//! The paths of the published APIs that nothing here serves.
//!
//! To clients of those APIs 404 means that a resource is missing, and they go on; 501 stops them where they stand.

use crate::fault::Fault;

/// The groups of the Platform API, whose answers and errors are flat, and their paths below `GROUP/namespaces/{namespace}`.
/// `*` stands for a name, of which a verb may be the end.
const GROUPS: [(&str, &[&str]); 6] = [
    ("apitokens/v1", &["apitokens", "apitokens/*"]),
    ("artifacts/v1", &["artifacts:delete", "artifacts:list", "artifacts:upload"]),
    (
        "autopilot/v1alpha1",
        &[
            "",
            "deployments/*/autopilotpolicy",
            "deployments/*/autopilotpolicy:recommendation",
            "deployments/*/autopilotpolicy:status",
        ],
    ),
    // All that is asked of one catalog is a verb at the end of its name.
    ("catalog/v1beta2", &["catalogs", "catalogs/*"]),
    (
        "sql/v1beta1",
        &[
            "catalog-connectors",
            "catalog-connectors/*",
            "catalog-connectors:analyze-jars",
            "connectors",
            "connectors/*",
            "deployments/*",
            "formats",
            "formats/*",
            "sqlscripts",
            "sqlscripts/*",
            "sqlscripts:execute",
            "sqlscripts:execute-multi",
            "sqlscripts:suggest",
            "sqlscripts:validate",
            "udfartifacts",
            "udfartifacts/*",
        ],
    ),
    ("namespaces/v1", &[]),
];

/// The paths of the first version of the other API below `/api/v1`, whose answers and errors are resources.
const RESOURCES: [&str; 12] = [
    "api-tokens",
    "api-tokens/*",
    "cluster-role-bindings",
    "cluster-role-bindings/*",
    "cluster-roles",
    "cluster-roles/*",
    "namespaces",
    "namespaces/*",
    "namespaces/*/role-bindings",
    "namespaces/*/role-bindings/*",
    "namespaces/*/roles",
    "namespaces/*/roles/*",
];

/// The verb at the end of a namespace's own path.
const NAMESPACE_VERB: &str = ":setPreviewSessionCluster";

/// Whether answers at a path have the flat form.
pub(super) fn is_flat(path: &str) -> bool {
    let path = path.strip_prefix('/').unwrap_or(path);
    let below = |group: &str| path.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    GROUPS.iter().any(|(group, _)| below(group))
}

/// The fault of a published path that is not served; none for all other paths.
pub(super) fn unserved(segments: &[&str], path: &str) -> Option<Fault> {
    if let ["api", "v1", rest @ ..] = segments {
        // Verbs at the end of a path are not of that API.
        let has_verb = rest.iter().any(|segment| segment.contains(':'));
        return (!has_verb && RESOURCES.iter().any(|pattern| fits(pattern, rest))).then(|| {
            // Namespaces are served, at the path of the other API.
            let is_namespace = rest.len() < 3 && rest.first() == Some(&"namespaces");
            if is_namespace { at_other_path(path) } else { fault(path) }
        });
    }
    let [api, version, "namespaces", namespace, rest @ ..] = segments else { return None };
    let group = format!("{api}/{version}");
    let (_, paths) = GROUPS.iter().find(|(known, _)| *known == group)?;
    let is_published = !namespace.is_empty() && paths.iter().any(|pattern| fits(pattern, rest));
    is_published.then(|| fault(path))
}

/// The fault of a published verb of a namespace that is not served.
pub(super) fn unserved_verb(segments: &[&str], path: &str) -> Option<Fault> {
    let ["namespaces", "v1", "namespaces", namespace] = segments else { return None };
    namespace.strip_suffix(NAMESPACE_VERB).filter(|name| !name.is_empty()).map(|_| fault(path))
}

fn fault(path: &str) -> Fault {
    let message = format!("{path} is part of the published API and is not served here");
    Fault::new("NotImplemented", message).about("path", path)
}

fn at_other_path(path: &str) -> Fault {
    let message = format!(
        "{path} is part of the published API and is not served here; namespaces are at /namespaces/v1/namespaces"
    );
    Fault::new("NotImplemented", message).about("path", path)
}

fn fits(pattern: &str, segments: &[&str]) -> bool {
    let parts = pattern.split('/').filter(|part| !part.is_empty());
    let is_as_long = parts.clone().count() == segments.len();
    is_as_long
        && parts.zip(segments).all(|(part, segment)| if part == "*" { !segment.is_empty() } else { part == *segment })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_paths_are_known() {
        for (path, expected) in [
            ("/apitokens/v1/namespaces/a/apitokens", true),
            ("/apitokens/v1/namespaces/a/apitokens/b", true),
            ("/apitokens/v1/namespaces/a/apitokens/b/c", false),
            ("/apitokens/v1/namespaces//apitokens", false),
            ("/apitokens/v2/namespaces/a/apitokens", false),
            ("/artifacts/v1/namespaces/a/artifacts:list", true),
            ("/artifacts/v1/namespaces/a/artifacts", false),
            ("/autopilot/v1alpha1/namespaces/a", true),
            ("/autopilot/v1alpha1/namespaces/a/deployments/b/autopilotpolicy:status", true),
            ("/catalog/v1beta2/namespaces/a/catalogs/b:listTables", true),
            ("/namespaces/v1/namespaces/a:setPreviewSessionCluster", true),
            ("/namespaces/v1/namespaces/:setPreviewSessionCluster", false),
            ("/namespaces/v1/namespaces/a", false),
            ("/namespaces/v1/namespaces/a/b", false),
            ("/sql/v1beta1/namespaces/a/sqlscripts:execute-multi", true),
            ("/sql/v1beta1/namespaces/a/connectors/b:list-tables", true),
            ("/sql/v1beta1/namespaces/a/deployments/b:create-jobgraph", true),
            ("/sql/v1beta1/namespaces/a/udfartifacts/b:upload-jar", true),
            ("/sql/v1beta1/namespaces/a/others", false),
            ("/api/v1/namespaces", true),
            ("/api/v1/namespaces/a", true),
            ("/api/v1/namespaces/", false),
            ("/api/v1/namespaces/a/roles", true),
            ("/api/v1/namespaces/a/roles/b", true),
            ("/api/v1/namespaces/a/roles/b/c", false),
            ("/api/v1/namespaces//roles", false),
            ("/api/v1/namespaces/a/role-bindings/b", true),
            ("/api/v1/api-tokens", true),
            ("/api/v1/cluster-roles/a", true),
            ("/api/v1/cluster-role-bindings", true),
            ("/api/v1/namespaces/:batch", false),
            ("/api/v1/namespaces/a:b", false),
            ("/api/v1/others", false),
            ("/api/v1/namespaces/a/others", false),
            ("/api/v1", false),
        ] {
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            let found = unserved_verb(&segments, path).or_else(|| unserved(&segments, path));
            assert_eq!(found.is_some(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_below_a_group_is_flat() {
        for path in ["/namespaces/v1", "/namespaces/v1/x", "/sql/v1beta1/namespaces/a/others"] {
            assert!(is_flat(path), "{path}");
        }
        for path in ["/", "/api/v1/namespaces/a/deployments", "/namespaces/v10", "/sql", "/app/namespaces/v1"] {
            assert!(!is_flat(path), "{path}");
        }
    }
}
