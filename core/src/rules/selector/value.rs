//! The values of a field selector, against what its member can hold.

use super::requirement::{Requirement, Test};
use crate::diagnostic::shown;
use crate::json::Json;
use crate::kind::{Kind, Schema, StringFormat};
use crate::object::ResourceId;

/// Brings the values of a requirement into the form of the stored ones.
///
/// # Errors
/// The message for a value that the member cannot hold.
// A value that no resource can have selects nothing, and everything where it is excluded: `status.state!=RUNING` would let
// a deletion take what runs.
pub(super) fn settle(kind: &Kind, requirement: &mut Requirement) -> Result<(), String> {
    let (Test::In(values) | Test::NotIn(values)) = &mut requirement.test else { return Ok(()) };
    if requirement.key == "metadata.name" && values.iter().any(String::is_empty) {
        return Err("metadata.name is never \"\"; is a variable not set?".to_owned());
    }
    let Some(schema) = declared(kind, &requirement.key) else { return Ok(()) };
    for value in values {
        if !schema.allowed.is_empty() {
            *value = allowed(schema, value).ok_or_else(|| unknown(&requirement.key, value, schema))?;
        }
        if schema.format == Some(StringFormat::Uuid) && value.parse::<ResourceId>().is_err() {
            return Err(format!("{} is a UUID, not {:?}", requirement.key, shown(value)));
        }
    }
    Ok(())
}

/// The schema of the string at a path such as `spec.state`.
fn declared<'k>(kind: &'k Kind, path: &str) -> Option<&'k Schema> {
    let schema = path.split('.').try_fold(&kind.schema, |schema, name| schema.member(name))?;
    schema.allowed.iter().all(|allowed| matches!(allowed, Json::String(_))).then_some(schema)
}

/// The allowed value that is meant; as in documents, in any case.
fn allowed(schema: &Schema, value: &str) -> Option<String> {
    let mut allowed = schema.allowed.iter().filter_map(Json::as_str);
    allowed.find(|allowed| allowed.eq_ignore_ascii_case(value)).map(str::to_owned)
}

fn unknown(key: &str, value: &str, schema: &Schema) -> String {
    let known: Vec<_> = schema.allowed.iter().filter_map(Json::as_str).collect();
    format!("{key} is never {:?}; use one of {}", shown(value), known.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::registry::Registry;
    use crate::rules::selector::Selector;

    #[test]
    fn a_value_that_no_resource_has_is_refused_at_its_requirement() {
        let registry = Registry::builtin().expect("the definitions load");
        for (kind, text, expected) in [
            ("Deployment", "spec.state=RUNNING", Ok(())),
            ("Deployment", "spec.state=running", Ok(())),
            ("Deployment", "status.state in (RUNNING, failed)", Ok(())),
            ("Deployment", "status.state", Ok(())),
            ("Deployment", "metadata.name=anything", Ok(())),
            ("Deployment", "spec.state=RUNING", Err((1, "use one of "))),
            ("Deployment", "metadata.name=a,status.state!=RUNING", Err((17, "status.state is never \"RUNING\""))),
            ("Deployment", "status.state notin (RUNNING,x)", Err((1, "never \"x\""))),
            ("Deployment", "spec.state=", Err((1, "never \"\""))),
            ("Deployment", "metadata.name!=", Err((1, "metadata.name is never \"\""))),
            ("Deployment", "spec.state=RUNNING,metadata.name notin (a,)", Err((20, "metadata.name is never \"\""))),
            ("Deployment", "metadata.name=''", Err((1, "metadata.name is never \"\""))),
            ("Event", "metadata.name!=", Err((1, "metadata.name is never \"\""))),
            ("Job", "metadata.deploymentId!=", Err((1, "is a UUID, not \"\""))),
            ("Job", "metadata.deploymentId=clicks", Err((1, "is a UUID, not \"clicks\""))),
            ("Job", "metadata.deploymentId=7d0e1a34-90bb-45c1-9c6a-1f6a0f2d4e55", Ok(())),
        ] {
            let found = Selector::fields(registry.require(kind).expect("a kind"), text);
            match (found, expected) {
                (Ok(_), Ok(())) => {}
                (Err(error), Err((position, words))) => {
                    assert_eq!(error.position, position, "{text}: {error}");
                    assert!(error.message.contains(words), "{text}: {error}");
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        let kind = registry.require("Deployment").expect("a kind");
        let selector = Selector::fields(kind, "spec.state=running").expect("a selector");
        assert!(selector.matches(|_| Some("RUNNING")));
    }
}
