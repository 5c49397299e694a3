//! The members of an object: a sorted list while they are few, and a tree once they are many.
//!
//! Most objects have few members, and a node of the standard library's tree has places for eleven: an object with one member
//! would take several times its text.

mod iter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use self::iter::{IntoMembers, MembersIter, MembersIterMut};

/// The most members of a list. In a longer one an insertion would take long.
const FEW: usize = 32;

/// A list of at most so many members is looked through one by one.
const SHORT: usize = 16;

/// Members of an object, sorted by name, with the methods of a map.
///
/// ```
/// use kindstore::Json;
/// use kindstore::manifest::Members;
/// let mut members = Members::from([("b".to_owned(), Json::from(true)), ("a".to_owned(), Json::Null)]);
/// assert_eq!(members.insert("b".to_owned(), Json::from("text")), Some(Json::from(true)));
/// assert_eq!(members.keys().collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone)]
pub struct Sorted<V>(Form<V>);

#[derive(Clone)]
#[expect(clippy::box_collection, reason = "the list is the usual form, and beside a bare tree it would be larger")]
enum Form<V> {
    Few(Vec<(String, V)>),
    Many(Box<BTreeMap<String, V>>),
}

impl<V> Default for Sorted<V> {
    fn default() -> Self {
        Self::new()
    }
}

fn find<V>(list: &[(String, V)], name: &str) -> Result<usize, usize> {
    match list.last() {
        // Members mostly come in order.
        Some((last, _)) if last.as_str() < name => Err(list.len()),
        _ => list.binary_search_by(|(other, _)| other.as_str().cmp(name)),
    }
}

/// Returns the member of a name in a list.
fn position<V>(list: &[(String, V)], name: &str) -> Option<usize> {
    match list.len() {
        // Most names of a few differ in their lengths, so that one comparison of texts is enough.
        ..=SHORT => list.iter().position(|(other, _)| other.len() == name.len() && other == name),
        _ => find(list, name).ok(),
    }
}

fn add<V>(list: &mut Vec<(String, V)>, at: usize, member: (String, V)) {
    // By default a list begins with a capacity of four.
    if list.capacity() == 0 {
        list.reserve_exact(1);
    }
    list.insert(at, member);
}

impl<V> Sorted<V> {
    /// No members.
    pub const fn new() -> Self {
        Self(Form::Few(Vec::new()))
    }

    /// No members, with memory for so many.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Form::Few(Vec::with_capacity(capacity.min(FEW))))
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Few(list) => list.len(),
            Form::Many(tree) => tree.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the member of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.get_key_value(name).map(|(_, value)| value)
    }

    /// Returns the member of a name with the name as it is here.
    pub fn get_key_value(&self, name: &str) -> Option<(&String, &V)> {
        match &self.0 {
            Form::Few(list) => position(list, name).map(|at| (&list[at].0, &list[at].1)),
            Form::Many(tree) => tree.get_key_value(name),
        }
    }

    /// Returns the member of a name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        match &mut self.0 {
            Form::Few(list) => position(list, name).map(|at| &mut list[at].1),
            Form::Many(tree) => tree.get_mut(name),
        }
    }

    /// Whether there is a member of a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds or replaces a member, and returns the value that it had.
    pub fn insert(&mut self, name: String, value: V) -> Option<V> {
        self.become_tree_if_full();
        match &mut self.0 {
            Form::Few(list) => match find(list, &name) {
                Ok(at) => list.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
                Err(at) => {
                    add(list, at, (name, value));
                    None
                }
            },
            Form::Many(tree) => tree.insert(name, value),
        }
    }

    /// Returns the member of a name to change it; one that is absent is made first.
    pub fn get_or_insert_with(&mut self, name: &str, value: impl FnOnce() -> V) -> &mut V {
        self.become_tree_if_full();
        match &mut self.0 {
            Form::Few(list) => {
                let at = find(list, name).unwrap_or_else(|at| {
                    add(list, at, (name.to_owned(), value()));
                    at
                });
                &mut list[at].1
            }
            Form::Many(tree) => tree.entry(name.to_owned()).or_insert_with(value),
        }
    }

    /// Removes the member of a name, and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        match &mut self.0 {
            Form::Few(list) => position(list, name).map(|at| list.remove(at).1),
            Form::Many(tree) => tree.remove(name),
        }
    }

    /// Keeps only the members that a condition holds for.
    pub fn retain(&mut self, mut keep: impl FnMut(&String, &mut V) -> bool) {
        match &mut self.0 {
            Form::Few(list) => list.retain_mut(|(name, value)| keep(name, value)),
            Form::Many(tree) => tree.retain(keep),
        }
    }

    /// Returns the last member.
    pub fn last_key_value(&self) -> Option<(&String, &V)> {
        match &self.0 {
            Form::Few(list) => list.last().map(|(name, value)| (name, value)),
            Form::Many(tree) => tree.last_key_value(),
        }
    }

    /// Returns the members in their order.
    pub fn iter(&self) -> MembersIter<'_, V> {
        match &self.0 {
            Form::Few(list) => MembersIter::of_list(list.iter()),
            Form::Many(tree) => MembersIter::of_tree(tree.iter()),
        }
    }

    /// Returns the members in their order, to change their values.
    pub fn iter_mut(&mut self) -> MembersIterMut<'_, V> {
        match &mut self.0 {
            Form::Few(list) => MembersIterMut::of_list(list.iter_mut()),
            Form::Many(tree) => MembersIterMut::of_tree(tree.iter_mut()),
        }
    }

    /// Returns the names in their order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.iter().map(|(name, _)| name)
    }

    /// Returns the values in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Returns the values in the order of their names, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Makes a tree of the list if it cannot take one member more.
    fn become_tree_if_full(&mut self) {
        if let Form::Few(list) = &mut self.0
            && list.len() >= FEW
        {
            self.0 = Form::Many(Box::new(std::mem::take(list).into_iter().collect()));
        }
    }
}

impl<V> Extend<(String, V)> for Sorted<V> {
    fn extend<I: IntoIterator<Item = (String, V)>>(&mut self, members: I) {
        for (name, value) in members {
            self.insert(name, value);
        }
    }
}

impl<V> FromIterator<(String, V)> for Sorted<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(members: I) -> Self {
        let members = members.into_iter();
        let (least, most) = members.size_hint();
        let capacity = if most == Some(least) && least <= FEW { least } else { 0 };
        let mut all = Self::with_capacity(capacity);
        all.extend(members);
        all
    }
}

impl<V, const COUNT: usize> From<[(String, V); COUNT]> for Sorted<V> {
    fn from(members: [(String, V); COUNT]) -> Self {
        members.into_iter().collect()
    }
}

impl<V> IntoIterator for Sorted<V> {
    type Item = (String, V);
    type IntoIter = IntoMembers<V>;

    fn into_iter(self) -> IntoMembers<V> {
        match self.0 {
            Form::Few(list) => IntoMembers::of_list(list.into_iter()),
            Form::Many(tree) => IntoMembers::of_tree(tree.into_iter()),
        }
    }
}

impl<'a, V> IntoIterator for &'a Sorted<V> {
    type Item = (&'a String, &'a V);
    type IntoIter = MembersIter<'a, V>;

    fn into_iter(self) -> MembersIter<'a, V> {
        self.iter()
    }
}

impl<'a, V> IntoIterator for &'a mut Sorted<V> {
    type Item = (&'a String, &'a mut V);
    type IntoIter = MembersIterMut<'a, V>;

    fn into_iter(self) -> MembersIterMut<'a, V> {
        self.iter_mut()
    }
}

impl<V> std::ops::Index<&str> for Sorted<V> {
    type Output = V;

    /// Returns the member of a name.
    ///
    /// # Panics
    /// When there is none.
    fn index(&self, name: &str) -> &V {
        self.get(name).expect("no member of this name")
    }
}

// By what they are, whatever form they have.
impl<V: PartialEq> PartialEq for Sorted<V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl<V: fmt::Debug> fmt::Debug for Sorted<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}
