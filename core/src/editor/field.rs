//! The declarations for a slot, as far as the document has a kind and variants.

use std::collections::HashSet;

use super::scan::{ROOT, Scan};
use crate::json::{join, segments};
use crate::kind::{JsonType, Kind, Schema};
use crate::registry::Registry;

/// The members of every document that no schema declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    Kind,
    ApiVersion,
}

/// The declarations for one slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Field<'r> {
    /// The schemas of its value: several while the variant is open.
    pub(super) schemas: Vec<&'r Schema>,
    /// The schemas of the map or list around it.
    pub(super) around: Vec<&'r Schema>,
    /// Its name, when it is a member.
    pub(super) name: Option<String>,
    pub(super) is_required: bool,
    pub(super) identity: Option<Identity>,
    /// Where it is in the envelope, as a JSON pointer without indexes.
    pub(super) place: String,
    /// Where it is in the document, as a JSON pointer.
    pub(super) pointer: String,
}

/// A member that a map may have.
#[derive(Clone, Debug)]
pub(super) struct Member<'r> {
    pub(super) name: &'r str,
    pub(super) schemas: Vec<&'r Schema>,
    pub(super) is_required: bool,
}

/// A document and the kinds by which it is read.
pub(super) struct Reader<'s, 't, 'r> {
    pub(super) registry: &'r Registry,
    pub(super) scan: &'s Scan<'t>,
    /// The kind of the document.
    pub(super) kind: Option<&'r Kind>,
}

impl<'s, 't, 'r> Reader<'s, 't, 'r> {
    pub(super) fn new(registry: &'r Registry, scan: &'s Scan<'t>) -> Self {
        let word = scan.word(ROOT, "kind");
        // In any case, since people type kinds in lower case; the store will name the right spelling.
        let is_meant = |kind: &&Kind| word.as_ref().is_some_and(|word| kind.name.eq_ignore_ascii_case(word));
        Self { registry, scan, kind: registry.kinds().iter().map(|kind| &**kind).find(is_meant) }
    }

    /// The declarations for a slot; `None` without any.
    pub(super) fn field(&self, slot: usize) -> Option<Field<'r>> {
        let path = self.scan.path(slot)?;
        path.windows(2).try_fold(self.document(), |field, step| self.step(field, step[0], step[1]))
    }

    fn document(&self) -> Field<'r> {
        let schemas = match self.kind {
            Some(kind) => vec![&kind.schema],
            None => self.registry.kinds().iter().map(|kind| &kind.schema).collect(),
        };
        Field { schemas, ..Field::default() }
    }

    fn step(&self, field: Field<'r>, parent: usize, slot: usize) -> Option<Field<'r>> {
        let found = &self.scan.slots[slot];
        let Some(name) = self.scan.name(found) else {
            let schemas: Vec<_> = field.schemas.iter().filter_map(|schema| schema.items.as_deref()).collect();
            let pointer = join(&field.pointer, &found.index.to_string());
            let is_known = !schemas.is_empty();
            return is_known.then(|| Field {
                schemas,
                around: field.schemas,
                place: field.place,
                pointer,
                ..Field::default()
            });
        };
        self.named(field, parent, &name)
    }

    /// The declarations for the member of this name.
    pub(super) fn named(&self, field: Field<'r>, map: usize, name: &str) -> Option<Field<'r>> {
        let pointer = join(&field.pointer, name);
        if map == ROOT
            && let Some(next) = self.of_document(name)
        {
            return Some(Field { pointer, ..next });
        }
        // Without a kind only what all kinds have in common can be told.
        if self.kind.is_none() && map == ROOT && name != "metadata" {
            return None;
        }
        let schemas = self.member(&field, map, name);
        let is_required = self.required(&field, map).contains(name);
        let place = join(&field.place, name);
        let (around, name) = (field.schemas, Some(name.to_owned()));
        let is_known = !schemas.is_empty();
        is_known.then_some(Field { schemas, around, name, is_required, place, pointer, identity: None })
    }

    /// Members of the document itself that its schema does not declare.
    fn of_document(&self, name: &str) -> Option<Field<'r>> {
        let name = name.to_owned();
        match &*name {
            "kind" => {
                let identity = Some(Identity::Kind);
                Some(Field { name: Some(name), identity, is_required: true, ..Field::default() })
            }
            "apiVersion" => Some(Field { name: Some(name), identity: Some(Identity::ApiVersion), ..Field::default() }),
            _ => {
                let (_, place) = self.flat_members().find(|(own, _)| *own == name)?;
                let schema = at(&self.kind?.schema, place)?;
                let place = place.to_owned();
                Some(Field { schemas: vec![schema], name: Some(name), place, ..Field::default() })
            }
        }
    }

    /// The members of the flat form, where the document may have that, and their places in the envelope.
    fn flat_members(&self) -> impl Iterator<Item = (&'r str, &'r str)> {
        let flat = self.kind.and_then(|kind| kind.flat.as_ref());
        let is_enveloped = |name: &str| matches!(name, "metadata" | "spec");
        let has_envelope = flat.is_some()
            && self.scan.children(ROOT).any(|(_, slot)| self.scan.name(slot).is_some_and(|name| is_enveloped(&name)));
        let flat = flat.filter(|_| !has_envelope).into_iter();
        flat.flat_map(|flat| {
            let members = flat.members.iter().map(|(name, place)| (name.as_str(), place.as_str()));
            std::iter::once(("name", "/metadata/name")).chain(members)
        })
    }

    /// A schema with its possible variants: the one that the map selects, or all.
    fn parts(&self, schema: &'r Schema, map: usize) -> Vec<&'r Schema> {
        let variant = self.variant(schema, map);
        let all = schema.variants.iter().filter(|other| variant.is_none_or(|variant| std::ptr::eq(variant, *other)));
        std::iter::once(schema).chain(all).collect()
    }

    fn variant(&self, schema: &'r Schema, map: usize) -> Option<&'r Schema> {
        let by = schema.discriminator.as_ref()?;
        schema.variant(&self.scan.word(map, &by.property_name)?)
    }

    fn member(&self, field: &Field<'r>, map: usize, name: &str) -> Vec<&'r Schema> {
        let mut found = Vec::new();
        for schema in &field.schemas {
            let is_by = schema.discriminator.as_ref().is_some_and(|by| by.property_name == name);
            // The discriminating member itself: every variant contributes its value, whichever is selected now.
            let parts = match is_by {
                true => std::iter::once(*schema).chain(&schema.variants).collect(),
                false => self.parts(schema, map),
            };
            let known = found.len();
            found.extend(parts.iter().filter_map(|part| part.properties.get(name)));
            // Undeclared members only: a declared one does not fall under `additionalProperties`.
            if found.len() == known {
                found.extend(schema.additional_properties.schema());
            }
        }
        found
    }

    /// The members that a map must have as it is.
    fn required(&self, field: &Field<'r>, map: usize) -> HashSet<&'r str> {
        let variants = field.schemas.iter().filter_map(|schema| self.variant(schema, map));
        let parts: Vec<&Schema> = field.schemas.iter().copied().chain(variants).collect();
        let mut names: HashSet<&str> = parts.iter().flat_map(|part| &part.required).map(String::as_str).collect();
        // The names present are collected only for schemas that need them; this runs at every keystroke.
        if parts.iter().any(|part| !part.dependent_required.is_empty()) {
            let present = self.present(map, None);
            let dependent = parts.iter().flat_map(|part| &part.dependent_required);
            let dependent = dependent.filter(|(name, _)| present.contains(*name));
            names.extend(dependent.flat_map(|(_, others)| others).map(String::as_str));
        }
        names
    }

    /// The names of the members that a map has, but for one.
    pub(super) fn present(&self, map: usize, but: Option<usize>) -> HashSet<String> {
        let others = self.scan.children(map).filter(|(slot, _)| Some(*slot) != but);
        others.filter_map(|(_, slot)| self.scan.name(slot)).map(|name| name.into_owned()).collect()
    }

    /// The members that a map may have beside the present ones: required ones first, deprecated ones last. The member `own` is being typed and does not count.
    pub(super) fn missing(&self, field: &Field<'r>, map: usize, own: Option<usize>) -> Vec<Member<'r>> {
        let present = self.present(map, own);
        let required = self.required(field, map);
        let mut members: Vec<Member<'r>> = Vec::new();
        for schema in &field.schemas {
            let alternatives = schema.alternatives();
            let is_taken = alternatives.iter().any(|name| present.contains(name));
            let excluded: &[String] = if is_taken { alternatives } else { &[] };
            let is_free = |name: &str| !present.contains(name) && excluded.iter().all(|other| other != name);
            let all = self.parts(schema, map).into_iter().flat_map(|part| part.properties.iter());
            for (name, schema) in all.filter(|(name, schema)| is_free(name) && !schema.read_only) {
                let is_required = required.contains(name.as_str());
                add(&mut members, Member { name, schemas: vec![schema], is_required });
            }
        }
        if map == ROOT {
            for (name, place) in self.flat_members().filter(|(name, _)| !present.contains(*name)) {
                if let Some(schema) = self.kind.and_then(|kind| at(&kind.schema, place)) {
                    add(&mut members, Member { name, schemas: vec![schema], is_required: false });
                }
            }
        }
        // The sort is stable: within a group the members stay in the order in which they were found.
        members.sort_by_key(|member| (!member.is_required, member.is_deprecated()));
        members
    }

    /// The members of the document that no schema declares and that are missing.
    pub(super) fn missing_identity(&self, map: usize, own: Option<usize>) -> Vec<Identity> {
        let present = self.present(map, own);
        let all = [(Identity::Kind, "kind"), (Identity::ApiVersion, "apiVersion")];
        let missing = all.into_iter().filter(|(_, name)| map == ROOT && !present.contains(*name));
        missing.map(|(identity, _)| identity).collect()
    }
}

impl Field<'_> {
    /// Whether nothing but a map is a value.
    pub(super) fn is_map(&self) -> bool {
        let mut types = self.schemas.iter().filter_map(|schema| schema.json_type);
        types.next() == Some(JsonType::Object)
    }
}

impl Member<'_> {
    pub(super) fn is_deprecated(&self) -> bool {
        self.schemas.iter().all(|schema| schema.deprecated)
    }
}

fn add<'r>(members: &mut Vec<Member<'r>>, member: Member<'r>) {
    match members.iter_mut().find(|other| other.name == member.name) {
        Some(other) => {
            other.is_required |= member.is_required;
            other.schemas.extend(member.schemas);
        }
        None => members.push(member),
    }
}

/// The schema at a pointer, unless it is read-only.
fn at<'r>(schema: &'r Schema, pointer: &str) -> Option<&'r Schema> {
    segments(pointer).try_fold(schema, |schema, name| schema.properties.get(&name).filter(|member| !member.read_only))
}

/// The first description among schemas.
pub(super) fn description<'r>(schemas: &[&'r Schema]) -> Option<&'r str> {
    schemas.iter().find_map(|schema| schema.description.as_deref())
}

/// The type that values of any of these schemas have, as people write it.
pub(super) fn type_name(schemas: &[&Schema]) -> String {
    let typed = schemas.iter().find(|schema| schema.json_type.is_some()).or(schemas.first());
    typed.map(|schema| schema.type_name()).unwrap_or_default()
}
