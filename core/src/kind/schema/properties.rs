//! The declared members of an object, sorted so that one walk in step with an object's own members finds them all.

use serde::{Deserialize, Deserializer};

/// Declared members of an object with their schemas, sorted by name.
#[derive(Clone, Debug)]
pub struct Properties<S> {
    names: Vec<String>,
    schemas: Vec<S>,
    /// The first eight bytes of each name: most names differ there, and numbers compare faster than texts.
    heads: Vec<u64>,
}

/// Declared members in the order of their names, passed once.
pub(crate) struct Walk<'s, S> {
    properties: &'s Properties<S>,
    next: usize,
}

impl<S> Default for Properties<S> {
    fn default() -> Self {
        Self { names: Vec::new(), schemas: Vec::new(), heads: Vec::new() }
    }
}

impl<S> Properties<S> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The schema of a member.
    pub fn get(&self, name: &str) -> Option<&S> {
        let index = self.names.binary_search_by(|own| own.as_str().cmp(name)).ok()?;
        self.schemas.get(index)
    }

    /// Whether a member is declared.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.names.iter()
    }

    /// The names with their schemas.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &S)> {
        self.names.iter().zip(&self.schemas)
    }

    /// Begins a walk.
    pub(crate) fn walk(&self) -> Walk<'_, S> {
        Walk { properties: self, next: 0 }
    }
}

impl<'s, S> Walk<'s, S> {
    /// Returns the member of that name, with its name. Callers ask for names in ascending order; `absent` receives the ones in
    /// between.
    pub(crate) fn find(&mut self, name: &str, absent: &mut impl FnMut(&'s str, &'s S)) -> Option<(&'s str, &'s S)> {
        let Properties { names, schemas, heads } = self.properties;
        if self.next == heads.len() {
            return None;
        }
        // Both sequences ascend, so that each declaration is looked at once per object.
        let own_head = head(name);
        while let Some(other) = heads.get(self.next) {
            let order = other.cmp(&own_head).then_with(|| names[self.next].as_str().cmp(name));
            if order.is_gt() {
                return None;
            }
            let found = self.next;
            self.next += 1;
            if order.is_eq() {
                return Some((&names[found], &schemas[found]));
            }
            absent(&names[found], &schemas[found]);
        }
        None
    }

    /// Passes the remaining members to `absent`.
    pub(crate) fn finish(self, absent: &mut impl FnMut(&'s str, &'s S)) {
        let Properties { names, schemas, .. } = self.properties;
        names.iter().zip(schemas).skip(self.next).for_each(|(name, schema)| absent(name, schema));
    }
}

/// The first eight bytes as a number that sorts as they do.
fn head(name: &str) -> u64 {
    let bytes = name.as_bytes();
    match bytes.first_chunk::<8>() {
        Some(chunk) => u64::from_be_bytes(*chunk),
        // Shifted in one by one: copying so few bytes takes longer.
        None if bytes.is_empty() => 0,
        None => bytes.iter().fold(0, |head, byte| head << 8 | u64::from(*byte)) << (8 * (8 - bytes.len())),
    }
}

impl<'p, S> IntoIterator for &'p Properties<S> {
    type Item = (&'p String, &'p S);
    type IntoIter = std::iter::Zip<std::slice::Iter<'p, String>, std::slice::Iter<'p, S>>;

    fn into_iter(self) -> Self::IntoIter {
        self.names.iter().zip(&self.schemas)
    }
}

impl<'de, S: Deserialize<'de>> Deserialize<'de> for Properties<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The map sorts.
        let (names, schemas): (Vec<String>, Vec<S>) =
            std::collections::BTreeMap::<String, S>::deserialize(deserializer)?.into_iter().unzip();
        let heads = names.iter().map(|name| head(name)).collect();
        Ok(Self { names, schemas, heads })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Schema;

    #[test]
    fn a_walk_finds_what_is_declared_and_tells_of_what_is_absent() {
        let names = ["", "a", "a\0", "aaaaaaaa", "aaaaaaaab", "aaaaaaaac", "b", "é"];
        let members: serde_json::Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), serde_json::json!({}))).collect();
        let properties: Properties<Schema> = serde_json::from_value(members.into()).expect("properties");
        for asked in
            [&["a", "aaaaaaaac", "c"][..], &["", "a\0", "é", "ü"], &[], &names, &["0", "aaaaaaaa", "aaaaaaaabb"]]
        {
            let (mut walk, mut absent, mut found) = (properties.walk(), Vec::new(), Vec::new());
            let mut tell = |name, _: &Schema| absent.push(name);
            for name in asked {
                found.extend(walk.find(name, &mut tell).map(|_| *name));
            }
            walk.finish(&mut tell);
            let is_asked = |name: &&str| asked.contains(name);
            assert_eq!(found, names.into_iter().filter(is_asked).collect::<Vec<_>>(), "{asked:?}");
            assert_eq!(absent, names.into_iter().filter(|name| !is_asked(name)).collect::<Vec<_>>(), "{asked:?}");
            assert!(names.iter().all(|name| properties.contains_key(name)) && !properties.contains_key("c"));
        }
    }
}
