//! Whether the state of a resource allows its deletion.

use crate::json::Json;
use crate::kind::{Guard, Kind};

/// The first condition of the kind that the document fails, as the end of a sentence about the resource.
pub(crate) fn judge<'a>(kind: &'a Kind, document: &Json) -> Option<&'a str> {
    kind.deletable_when.iter().find(|guard| !holds(guard, document)).map(|guard| guard.otherwise.as_str())
}

fn holds(guard: &Guard, document: &Json) -> bool {
    let value = document.at(&guard.pointer).unwrap_or(&Json::Null);
    (guard.one_of.is_empty() || guard.one_of.contains(value)) && !guard.none_of.contains(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(guard: serde_json::Value, document: serde_json::Value, expected: bool) {
        let guard: Guard = serde_json::from_value(guard).expect("a guard");
        assert_eq!(holds(&guard, &Json::from(document.clone())), expected, "{document}");
    }

    #[test]
    fn a_guard_holds_when_the_member_is_one_of_and_none_of() {
        let guard = json!({"pointer": "/status/state", "in": ["OFF", "FAILED"], "otherwise": ""});
        check(guard.clone(), json!({"status": {"state": "OFF"}}), true);
        check(guard.clone(), json!({"status": {"state": "ON"}}), false);
        check(guard, json!({}), false);
        let guard = json!({"pointer": "/status/state", "notIn": ["ON"], "otherwise": ""});
        check(guard.clone(), json!({}), true);
        check(guard, json!({"status": {"state": "ON"}}), false);
    }
}
