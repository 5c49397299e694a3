//! The order in which the documents of a set are applied.

use crate::json::Json;
use crate::registry::Registry;

/// Returns the order in which documents are applied, as indices: namespaces first, then what supplies defaults and what others
/// refer to, then the rest. Documents of the same rank, and those of unknown kinds, keep the order of the text. The opposite
/// order is that of a deletion.
///
/// ```
/// use kindstore::{Json, Registry};
/// let documents = ["Deployment", "DeploymentTarget", "Namespace", "DeploymentTarget"]
///     .map(|kind| Json::from(serde_json::json!({"kind": kind})));
/// let order = kindstore::validation::apply_order(&Registry::builtin()?, &documents);
/// assert_eq!(order, [2, 1, 3, 0]);
/// # Ok::<(), kindstore::Error>(())
/// ```
pub fn apply_order<'d>(registry: &Registry, documents: impl IntoIterator<Item = &'d Json>) -> Vec<usize> {
    let ranks = ranks(registry);
    let rank = |document: &Json| {
        let name = document.get("kind").and_then(Json::as_str)?;
        registry.kinds().iter().position(|kind| &*kind.name == name).map(|kind| ranks[kind])
    };
    let ranked: Vec<usize> = documents.into_iter().map(|document| rank(document).unwrap_or(usize::MAX)).collect();
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    order.sort_by_key(|index| ranked[*index]);
    order
}

/// Returns the rank of each kind: 0 for namespaces, and for every other kind one more than the kinds that it needs.
fn ranks(registry: &Registry) -> Vec<usize> {
    let kinds = registry.kinds();
    let position = |name: &str| kinds.iter().position(|kind| &*kind.name == name);
    let mut ranks: Vec<usize> = kinds.iter().map(|kind| usize::from(kind.name != registry.namespace().name)).collect();
    // Each round settles the kinds that need settled ones only. Kinds that need each other would rise for ever, so that the
    // rounds are bounded by the number of kinds.
    for _ in 0..kinds.len() {
        for (index, kind) in kinds.iter().enumerate() {
            let needed = kind.references.iter().map(|reference| &reference.kind).chain(&kind.defaults_from);
            let others = needed.filter(|name| **name != kind.name).filter_map(|name| position(name));
            ranks[index] = others.map(|other| ranks[other] + 1).fold(ranks[index], usize::max).min(kinds.len());
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(kinds: &[&str]) -> Vec<usize> {
        let registry = Registry::builtin().expect("the built-in kinds load");
        let documents: Vec<Json> =
            kinds.iter().map(|kind| Json::from(serde_json::json!({"kind": kind, "metadata": {}}))).collect();
        apply_order(&registry, &documents)
    }

    #[test]
    fn what_is_needed_comes_first_and_the_rest_keeps_its_order() {
        assert_eq!(order(&["DeploymentTarget", "SecretValue", "DeploymentTarget"]), [0, 1, 2]);
        assert_eq!(
            order(&["Savepoint", "Deployment", "SessionCluster", "DeploymentTarget", "Namespace"]),
            [4, 3, 2, 1, 0]
        );
        assert_eq!(order(&["Deployment", "DeploymentDefaults", "Deployment"]), [1, 0, 2]);
        assert_eq!(order(&["Pod", "Deployment", "Pod", "Namespace"]), [3, 1, 0, 2]);
        assert_eq!(order(&[]), [0_usize; 0]);
    }

    #[test]
    fn documents_without_a_kind_are_last_and_kinds_that_need_each_other_end() {
        let registry = Registry::builtin().expect("the built-in kinds load");
        let documents =
            [Json::Null, Json::from(serde_json::json!({"kind": 1})), Json::from(serde_json::json!({"kind": "Job"}))];
        assert_eq!(apply_order(&registry, &documents), [2, 0, 1]);
        let kind = |name: &str, other: &str| {
            format!(
                "{{kind: {name}, apiVersion: v1, description: One., group: /api/v1, plural: {0}s, singular: {0}, scope: namespaced,
                  managedBy: user, key: name, naming: label, verbs: [get, create],
                  references: [{{pointer: /spec/other, kind: {other}, by: name, onDelete: block}}],
                  schema: {{type: object, properties: {{metadata: {{type: object, properties: {{name: {{type: string}}}}}},
                  spec: {{type: object, properties: {{other: {{type: string}}}}}}}}}}}}",
                name.to_lowercase()
            )
        };
        let registry = Registry::with(&[&kind("Hen", "Egg"), &kind("Egg", "Hen")]).expect("they are kinds");
        let documents = ["Egg", "Hen", "Namespace"].map(|kind| Json::from(serde_json::json!({"kind": kind})));
        let order = apply_order(&registry, &documents);
        assert_eq!((order.len(), order[0]), (3, 2));
    }
}
