//! Objects: nulls, defaults, required members, variants, alternatives, and members that nobody declared.

use super::{Judge, Path, scalar, suggestion};
use crate::diagnostic::{Code, Diagnostic, Severity, shown};
use crate::json::{Json, Members};
use crate::kind::{Additional, Schema};

impl Judge<'_> {
    pub(super) fn object(&mut self, schema: &Schema, members: &mut Members, path: &Path<'_>) {
        let variant = self.settle_variant(schema, members, path);
        self.settle_nulls(schema, variant, members, path);
        for name in required(schema, variant).filter(|name| !members.contains_key(*name)) {
            let problem = Diagnostic::error(Path::Member(path, name).pointer(), Code::IsMissing, "is required");
            let unknown = members.keys().filter(|other| !is_declared(schema, variant, other)).map(String::as_str);
            self.tell(match suggestion(name, unknown) {
                Some(other) => problem.with_hint(format!("rename {other:?} if that is meant")),
                None => problem,
            });
        }
        self.alternatives(schema, members, path);
        self.dependents(schema, members, path);
        self.count("members", members.len() as u64, (schema.min_properties, schema.max_properties), path);
        for (name, value) in members {
            self.member(schema, variant, name, value, path);
        }
    }

    fn member(&mut self, schema: &Schema, variant: Option<&Schema>, name: &str, value: &mut Json, path: &Path<'_>) {
        let declared = schema.properties.get(name);
        let in_variant = variant.and_then(|variant| variant.properties.get(name));
        let path = Path::Member(path, name);
        if let Some(names) = &schema.property_names {
            self.value(names, &mut Json::from(name), &path);
        }
        for declared in [declared, in_variant].into_iter().flatten() {
            self.value(declared, value, &path);
        }
        if declared.is_some() || in_variant.is_some() {
            return;
        }
        match &schema.additional_properties {
            Additional::Like(schema) => self.value(schema, value, &path),
            Additional::None => self.unknown(schema, variant, name, Severity::Error, &path),
            Additional::Unsaid if !schema.is_free() => {
                if let Some(severity) = self.manner.unknown {
                    self.unknown(schema, variant, name, severity, &path);
                }
            }
            Additional::Unsaid | Additional::Free => {}
        }
    }

    /// Finds the variant that an object is, and writes the member that says so in its own spelling.
    fn settle_variant<'s>(&mut self, schema: &'s Schema, members: &mut Members, path: &Path<'_>) -> Option<&'s Schema> {
        let by = &schema.discriminator.as_ref()?.property_name;
        self.fill_member(schema.properties.get(by), by, members, path);
        let value = members.get_mut(by)?;
        let Json::String(text) = value else {
            // The member's own declaration refuses other types, where there is one; null counts as absent.
            let is_declared = schema.properties.get(by).is_some_and(|schema| schema.json_type.is_some());
            if !is_declared && !value.is_null() {
                let message = scalar::wrong_type(crate::kind::JsonType::String, value);
                self.report(&Path::Member(path, by), Code::HasWrongType, message);
            }
            return None;
        };
        let found = schema.variants.iter().find_map(|variant| {
            let own = schema.variant_value(variant)?;
            let is_same = if self.manner.is_lenient { own.eq_ignore_ascii_case(text) } else { own == text };
            is_same.then_some((variant, own))
        });
        if let Some((variant, own)) = found {
            if own != text {
                own.clone_into(text);
            }
            return Some(variant);
        }
        let values: Vec<_> = schema.variants.iter().filter_map(|variant| schema.variant_value(variant)).collect();
        let problem = scalar::not_allowed(&Json::from(shown(text)), values.into_iter());
        self.tell(Diagnostic { pointer: Path::Member(path, by).pointer(), ..problem });
        None
    }

    /// Removes nulls that stand for what was not given, and fills defaults. A null in a string map keeps the default
    /// away.
    fn settle_nulls(&mut self, schema: &Schema, variant: Option<&Schema>, members: &mut Members, path: &Path<'_>) {
        let is_map = schema.is_string_map();
        let is_lenient = self.manner.is_lenient;
        if is_lenient && !is_map {
            members.retain(|name, value| !value.is_null() || !is_declared(schema, variant, name));
        }
        if self.manner.fills {
            for (name, schema) in [Some(schema), variant].into_iter().flatten().flat_map(|schema| &schema.properties) {
                self.fill_member(Some(schema), name, members, path);
            }
        }
        if is_lenient && is_map {
            members.retain(|_, value| !value.is_null());
        }
    }

    fn fill_member(&self, schema: Option<&Schema>, name: &str, members: &mut Members, path: &Path<'_>) {
        let Some(default) = schema.and_then(|schema| schema.default.as_ref()) else { return };
        if !self.manner.fills || members.contains_key(name) {
            return;
        }
        let is_withheld = !self.manner.withheld.is_empty() && {
            let pointer = Path::Member(path, name).pointer();
            self.manner.withheld.contains(&pointer.as_str())
        };
        if !is_withheld {
            members.insert(name.to_owned(), default.clone());
        }
    }

    fn alternatives(&mut self, schema: &Schema, members: &Members, path: &Path<'_>) {
        let all = schema.alternatives();
        let given: Vec<&str> = all.iter().map(String::as_str).filter(|name| members.contains_key(*name)).collect();
        let is_none = given.is_empty() && !schema.exactly_one_of.is_empty();
        if is_none {
            let message = format!("needs exactly one of {}", all.join(", "));
            return self.report(path, Code::IsMissing, message);
        }
        if let [kept, others @ ..] = given.as_slice() {
            for other in others {
                let message = format!("excludes {kept}: only one of {} can be given", all.join(", "));
                let problem = Diagnostic::error(Path::Member(path, other).pointer(), Code::IsAmbiguous, message);
                self.tell(problem.with_hint("set the other to null, or leave it out"));
            }
        }
    }

    fn dependents(&mut self, schema: &Schema, members: &Members, path: &Path<'_>) {
        for (name, others) in schema.dependent_required.iter().filter(|(name, _)| members.contains_key(*name)) {
            for other in others.iter().filter(|other| !members.contains_key(*other)) {
                let message = format!("is required beside {name}");
                self.report(&Path::Member(path, other), Code::IsMissing, message);
            }
        }
    }
}

fn is_declared(schema: &Schema, variant: Option<&Schema>, name: &str) -> bool {
    [Some(schema), variant].into_iter().flatten().any(|schema| schema.properties.contains_key(name))
}

fn required<'s>(schema: &'s Schema, variant: Option<&'s Schema>) -> impl Iterator<Item = &'s String> {
    schema.required.iter().chain(variant.into_iter().flat_map(|variant| &variant.required))
}
