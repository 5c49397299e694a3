//! Objects: nulls, defaults, required members, variants, alternatives, and undeclared members.

use super::object_schema::{Member, ObjectSchema};
use super::scalar;
use super::validation::{Path, Validation};
use crate::diagnostic::{Code, Diagnostic, Severity, shown};
use crate::json::{Json, Members};
use crate::kind::{Additional, Schema};
use crate::rules::suggestion::suggestion;

/// Findings about absent and null members.
struct Found<'s> {
    /// Declared members that are absent and required or have a default.
    absent: Vec<(&'s str, &'s Schema)>,
    /// Whether a member is null, where that may mean that it was not given.
    has_null: bool,
    /// Unknown members that go, in order.
    dropped: Vec<String>,
}

impl Validation<'_> {
    pub(super) fn object(&mut self, schema: &Schema, members: &mut Members, path: &Path<'_>) {
        // The variant first: it decides which members are declared and required.
        let variant = self.settle_variant(schema, members, path);
        let declarations = ObjectSchema { schema, variant };
        let Found { absent, has_null, dropped } = self.declared(declarations, members, path);
        if has_null && !schema.is_string_map() {
            // Nulls that stand for absent members.
            members.retain(|name, value| !value.is_null() || !declarations.is_declared(name));
        }
        self.absent(declarations, absent, members, path);
        // In a string map a null has kept a default away until now.
        if has_null && schema.is_string_map() {
            members.retain(|_, value| !value.is_null());
        }
        // Only now: an unknown member can be the hint for a missing one.
        if !dropped.is_empty() {
            members.retain(|name, _| dropped.binary_search(name).is_err());
        }
        self.alternatives(schema, members, path);
        self.dependents(schema, members, path);
        self.count("members", members.len() as u64, (schema.min_properties, schema.max_properties), path);
    }

    /// Validates the members, and returns declared ones that are absent and required or have a default. Members and
    /// declarations are sorted, so that one walk over both finds everything.
    fn declared<'s>(&mut self, declarations: ObjectSchema<'s>, members: &mut Members, path: &Path<'_>) -> Found<'s> {
        let ObjectSchema { schema, variant } = declarations;
        let (mut absent, mut has_null, mut dropped) = (Vec::new(), false, Vec::new());
        let is_map = schema.is_string_map();
        let others = schema.additional_properties.schema().filter(|_| schema.property_names.is_none());
        let takes_every_string = others.is_some_and(Schema::takes_every_string);
        let fills = self.mode.fills;
        let mut note_absent = |name: &'s str, member: &'s Schema| {
            if (fills && member.default.is_some()) || declarations.is_required(name) {
                absent.push((name, member));
            }
        };
        let mut own = schema.properties.walk();
        let mut of_variant = variant.map(|variant| variant.properties.walk());
        for (name, value) in members {
            let declared = own.find(name, &mut note_absent);
            let in_variant = of_variant.as_mut().and_then(|walk| walk.find(name, &mut note_absent));
            // The common case of labels and configuration maps, which can have thousands of entries.
            if takes_every_string && declared.or(in_variant).is_none() && matches!(value, Json::String(_)) {
                continue;
            }
            let is_null = value.is_null() && self.mode.is_lenient;
            has_null |= is_null;
            match declared.or(in_variant) {
                // It was not given, and goes afterwards.
                _ if is_null && is_map => {}
                Some((name, member)) if is_null => note_absent(name, member),
                _ => {
                    let (own, in_variant) = (declared.map(|(_, member)| member), in_variant.map(|(_, member)| member));
                    if self.member(declarations, Member { name, own, in_variant }, value, path) {
                        dropped.push(name.clone());
                    }
                }
            }
        }
        own.finish(&mut note_absent);
        if let Some(walk) = of_variant {
            walk.finish(&mut note_absent);
        }
        Found { absent, has_null, dropped }
    }

    /// Fills absent members that have a default, and reports absent members that are required.
    fn absent(
        &mut self,
        declarations: ObjectSchema<'_>,
        absent: Vec<(&str, &Schema)>,
        members: &mut Members,
        path: &Path<'_>,
    ) {
        for (name, member) in absent {
            if members.contains_key(name) {
                continue;
            }
            let path = Path::Member(path, name);
            match self.default_of(member, &path) {
                Some(mut default) => {
                    // A default object is filled in turn by the defaults of its members.
                    self.value(member, &mut default, &path);
                    members.insert(name.to_owned(), default);
                }
                None if declarations.is_required(name) => self.missing(declarations, name, members, &path),
                None => {}
            }
        }
        // What is required and not declared has only the schema of all others.
        if !matches!(declarations.schema.additional_properties, Additional::Unsaid) {
            for name in declarations.required().filter(|name| !declarations.is_declared(name)) {
                if !members.contains_key(name) {
                    self.missing(declarations, name, members, &Path::Member(path, name));
                }
            }
        }
    }

    /// Reports an absent required member. An unknown member with a similar name becomes the hint.
    fn missing(&mut self, declarations: ObjectSchema<'_>, name: &str, members: &Members, path: &Path<'_>) {
        let problem = Diagnostic::error(path.pointer(), Code::IsMissing, "is required");
        let unknown = members.keys().filter(|other| !declarations.is_declared(other)).map(String::as_str);
        let other = if self.suggestions > 0 { suggestion(name, unknown) } else { None };
        // Each suggestion compares the name with every unknown member.
        self.suggestions = self.suggestions.saturating_sub(1);
        self.push(match other {
            Some(other) => problem.with_hint(format!("rename {other:?} if that is meant")),
            None => problem,
        });
    }

    /// Validates a member. Returns whether it is unknown and has to go.
    fn member(
        &mut self,
        declarations: ObjectSchema<'_>,
        member: Member<'_>,
        value: &mut Json,
        path: &Path<'_>,
    ) -> bool {
        let (schema, name) = (declarations.schema, member.name);
        let path = Path::Member(path, name);
        if let Some(names) = &schema.property_names {
            self.value(names, &mut Json::from(name), &path);
        }
        for declared in member.declarations() {
            self.value(declared, value, &path);
        }
        if member.own.is_some() || member.in_variant.is_some() {
            return false;
        }
        match &schema.additional_properties {
            Additional::Like(schema) => self.value(schema, value, &path),
            Additional::None => self.unknown(declarations, name, Some(Severity::Error), &path),
            Additional::Unsaid if !schema.is_free() => {
                self.unknown(declarations, name, self.mode.unknown, &path);
                return self.mode.drops_unknown && !declarations.lacks_variant();
            }
            Additional::Unsaid | Additional::Free => self.free(value, &path),
        }
        false
    }

    /// Finds the variant of an object, and writes the discriminating member in the declared spelling.
    fn settle_variant<'s>(&mut self, schema: &'s Schema, members: &mut Members, path: &Path<'_>) -> Option<&'s Schema> {
        let by = &schema.discriminator.as_ref()?.property_name;
        if !members.contains_key(by)
            && let Some(default) = self.default_of(schema.properties.get(by)?, &Path::Member(path, by))
        {
            members.insert(by.clone(), default);
        }
        let value = members.get_mut(by)?;
        let declared = schema.properties.get(by).and_then(|schema| schema.json_type);
        // A number or a boolean becomes a word first: afterwards it would be the word of no variant, which nobody looks at again.
        if let Some(declared) = declared.filter(|_| self.mode.is_lenient) {
            scalar::coerce(declared, value);
        }
        let Json::String(text) = value else {
            // The member's own declaration refuses other types, where there is one; null counts as absent.
            let is_declared = declared.is_some();
            if !is_declared && !value.is_null() {
                let message = scalar::wrong_type(crate::kind::JsonType::String, value);
                self.report(&Path::Member(path, by), Code::HasWrongType, message);
            }
            return None;
        };
        let found = schema.variants.iter().find_map(|variant| {
            let own = schema.variant_value(variant)?;
            let is_same = if self.mode.is_lenient { own.eq_ignore_ascii_case(text) } else { own == text };
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
        self.push(Diagnostic { pointer: Path::Member(path, by).pointer(), ..problem });
        None
    }

    /// The default of a member, where defaults fill and it is not excluded.
    fn default_of(&self, schema: &Schema, path: &Path<'_>) -> Option<Json> {
        let default = schema.default.as_ref().filter(|_| self.mode.fills)?;
        let is_withheld = !self.mode.excluded.is_empty() && self.mode.excluded.contains(&path.pointer().as_str());
        (!is_withheld).then(|| default.clone())
    }

    fn alternatives(&mut self, schema: &Schema, members: &Members, path: &Path<'_>) {
        let all = schema.alternatives();
        let given: Vec<&str> = all.iter().map(String::as_str).filter(|name| members.contains_key(name)).collect();
        // Nulls are gone by now, so that presence is what counts.
        let is_none = given.is_empty() && !schema.exactly_one_of.is_empty();
        if is_none {
            let message = format!("needs exactly one of {}", all.join(", "));
            return self.report(path, Code::IsMissing, message);
        }
        if let [kept, others @ ..] = given.as_slice() {
            for other in others {
                let message = format!("excludes {kept}: only one of {} can be given", all.join(", "));
                let problem = Diagnostic::error(Path::Member(path, other).pointer(), Code::IsAmbiguous, message);
                self.push(problem.with_hint("set the other to null, or leave it out"));
            }
        }
    }

    fn dependents(&mut self, schema: &Schema, members: &Members, path: &Path<'_>) {
        for (name, others) in schema.dependent_required.iter().filter(|(name, _)| members.contains_key(name)) {
            for other in others.iter().filter(|other| !members.contains_key(other)) {
                let message = format!("is required beside {name}");
                self.report(&Path::Member(path, other), Code::IsMissing, message);
            }
        }
    }
}
