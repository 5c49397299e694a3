//! Whether a name follows the scheme of its kind.

use crate::diagnostic::{Code, Diagnostic, shown};
use crate::kind::Naming;

/// Checks a name, and returns one problem that lists every fault. Lengths count characters.
pub(crate) fn check(naming: Naming, name: &str) -> Option<Diagnostic> {
    let problem = |code, message: String| {
        Some(Diagnostic::error("/metadata/name", code, message).with_hint(format!("use {}", rule(naming))))
    };
    if name.is_empty() {
        return problem(Code::IsMissing, "must not be empty".to_owned());
    }
    let faults = faults(naming, name);
    if faults.is_empty() {
        return None;
    }
    problem(Code::IsBadName, format!("{:?} {}", shown(name), faults.join(" and ")))
}

fn faults(naming: Naming, name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let length = name.chars().count();
    if length > naming.max_length() {
        faults.push(format!("has {length} characters"));
    }
    if let Some(character) = name.chars().find(|character| !naming.allows(*character)) {
        faults.push(format!("holds {character:?}"));
    }
    if !naming.allows_outer_hyphen() && name.starts_with('-') {
        faults.push("starts with a hyphen".to_owned());
    }
    if !naming.allows_outer_hyphen() && name.ends_with('-') {
        faults.push("ends with a hyphen".to_owned());
    }
    faults
}

fn rule(naming: Naming) -> String {
    let hyphens = if naming.allows_outer_hyphen() { "" } else { ", not starting or ending with a hyphen" };
    format!("1 to {} {}{hyphens}", naming.max_length(), naming.characters())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(naming: Naming, name: &str, expected: &str) {
        let message = super::check(naming, name).map(|problem| problem.advice()).unwrap_or_default();
        assert!(
            if expected.is_empty() { message.is_empty() } else { message.contains(expected) },
            "{name:?}: {message:?} instead of {expected:?}"
        );
    }

    #[test]
    fn a_label_is_lower_case_with_inner_hyphens_only() {
        for name in ["a", "0", "resource-name-01", "a--b", &"x".repeat(63)] {
            check(Naming::Label, name, "");
        }
        check(Naming::Label, "", "must not be empty");
        check(Naming::Label, "-a", "starts with a hyphen");
        check(Naming::Label, "a-", "ends with a hyphen");
        check(Naming::Label, "-", "starts with a hyphen and ends with a hyphen");
        check(Naming::Label, "Name", "holds 'N'");
        check(Naming::Label, "a_b", "holds '_'");
        check(Naming::Label, "a.b", "holds '.'");
        check(Naming::Label, "a\0b", "holds '\\0'");
        check(Naming::Label, "straße", "holds 'ß'");
        check(Naming::Label, &"x".repeat(64), "has 64 characters");
    }

    #[test]
    fn an_identifier_takes_both_cases_and_outer_hyphens() {
        for name in ["Resource_Name_01", "resource-name-01", "-", "_", "-a-", &"X".repeat(250)] {
            check(Naming::Identifier, name, "");
        }
        check(Naming::Identifier, "", "must not be empty");
        check(Naming::Identifier, "a b", "holds ' '");
        check(Naming::Identifier, "a/b", "holds '/'");
        check(Naming::Identifier, &"X".repeat(251), "has 251 characters");
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        check(Naming::Label, &"é".repeat(63), "holds 'é'; use");
    }

    #[test]
    fn all_faults_of_a_name_are_told_at_once() {
        check(
            Naming::Label,
            &format!("-{}", "X".repeat(70)),
            "has 71 characters and holds 'X' and starts with a hyphen",
        );
    }
}
