//! The members of an object: a sorted list while they are few, and a tree once they are many.
//!
//! Most objects have few members, and a node of the standard library's tree has room for eleven: an object with one member
//! would take several times its text.

mod iter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use self::iter::{IntoMembers, MembersIter, MembersIterMut};
use super::Json;

/// The most members of a list. In a longer one an insertion would take long.
const FEW: usize = 32;

/// The members of a JSON object, sorted by name.
///
/// ```
/// use kindstore::Json;
/// use kindstore::manifest::Members;
/// let mut members = Members::from([("b".to_owned(), Json::from(true)), ("a".to_owned(), Json::Null)]);
/// assert_eq!(members.insert("b".to_owned(), Json::from("text")), Some(Json::from(true)));
/// assert_eq!(members.keys().collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone, Default)]
pub struct Members(Form);

#[derive(Clone)]
#[expect(clippy::box_collection, reason = "the list is the usual form, and beside a bare tree it would need more room")]
enum Form {
    Few(Vec<(String, Json)>),
    Many(Box<BTreeMap<String, Json>>),
}

impl Default for Form {
    fn default() -> Self {
        Form::Few(Vec::new())
    }
}

fn find(list: &[(String, Json)], name: &str) -> Result<usize, usize> {
    match list.last() {
        // Members mostly come in order.
        Some((last, _)) if last.as_str() < name => Err(list.len()),
        _ => list.binary_search_by(|(other, _)| other.as_str().cmp(name)),
    }
}

fn add(list: &mut Vec<(String, Json)>, at: usize, member: (String, Json)) {
    // By default a list begins with a capacity of four.
    if list.capacity() == 0 {
        list.reserve_exact(1);
    }
    list.insert(at, member);
}

impl Members {
    /// No members.
    pub const fn new() -> Self {
        Self(Form::Few(Vec::new()))
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
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.get_key_value(name).map(|(_, value)| value)
    }

    /// Returns the member of a name with the name as it is here.
    pub fn get_key_value(&self, name: &str) -> Option<(&String, &Json)> {
        match &self.0 {
            Form::Few(list) => find(list, name).ok().and_then(|at| list.get(at)).map(|(name, value)| (name, value)),
            Form::Many(tree) => tree.get_key_value(name),
        }
    }

    /// Returns the member of a name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        match &mut self.0 {
            Form::Few(list) => find(list, name).ok().and_then(|at| list.get_mut(at)).map(|(_, value)| value),
            Form::Many(tree) => tree.get_mut(name),
        }
    }

    /// Whether there is a member of a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds or replaces a member, and returns the value that it had.
    pub fn insert(&mut self, name: String, value: Json) -> Option<Json> {
        self.become_tree_for(1);
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
    pub fn get_or_insert_with(&mut self, name: &str, value: impl FnOnce() -> Json) -> &mut Json {
        self.become_tree_for(1);
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
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        match &mut self.0 {
            Form::Few(list) => find(list, name).ok().map(|at| list.remove(at).1),
            Form::Many(tree) => tree.remove(name),
        }
    }

    /// Keeps only the members that a condition holds for.
    pub fn retain(&mut self, mut keep: impl FnMut(&String, &mut Json) -> bool) {
        match &mut self.0 {
            Form::Few(list) => list.retain_mut(|(name, value)| keep(name, value)),
            Form::Many(tree) => tree.retain(keep),
        }
    }

    /// Returns the last member.
    pub fn last_key_value(&self) -> Option<(&String, &Json)> {
        match &self.0 {
            Form::Few(list) => list.last().map(|(name, value)| (name, value)),
            Form::Many(tree) => tree.last_key_value(),
        }
    }

    /// Returns the members in their order.
    pub fn iter(&self) -> MembersIter<'_> {
        match &self.0 {
            Form::Few(list) => MembersIter::of_list(list.iter()),
            Form::Many(tree) => MembersIter::of_tree(tree.iter()),
        }
    }

    /// Returns the members in their order, to change their values.
    pub fn iter_mut(&mut self) -> MembersIterMut<'_> {
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
    pub fn values(&self) -> impl Iterator<Item = &Json> {
        self.iter().map(|(_, value)| value)
    }

    /// Returns the values in the order of their names, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Json> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Makes a tree of the list if it cannot take so many members more.
    fn become_tree_for(&mut self, more: usize) {
        if let Form::Few(list) = &mut self.0
            && list.len().saturating_add(more) > FEW
        {
            self.0 = Form::Many(Box::new(std::mem::take(list).into_iter().collect()));
        }
    }
}

impl Extend<(String, Json)> for Members {
    fn extend<I: IntoIterator<Item = (String, Json)>>(&mut self, members: I) {
        for (name, value) in members {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(String, Json)> for Members {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        let members = members.into_iter();
        let (least, most) = members.size_hint();
        let capacity = if most == Some(least) && least <= FEW { least } else { 0 };
        let mut all = Self(Form::Few(Vec::with_capacity(capacity)));
        all.extend(members);
        all
    }
}

impl<const COUNT: usize> From<[(String, Json); COUNT]> for Members {
    fn from(members: [(String, Json); COUNT]) -> Self {
        members.into_iter().collect()
    }
}

impl IntoIterator for Members {
    type Item = (String, Json);
    type IntoIter = IntoMembers;

    fn into_iter(self) -> IntoMembers {
        match self.0 {
            Form::Few(list) => IntoMembers::of_list(list.into_iter()),
            Form::Many(tree) => IntoMembers::of_tree(tree.into_iter()),
        }
    }
}

impl<'a> IntoIterator for &'a Members {
    type Item = (&'a String, &'a Json);
    type IntoIter = MembersIter<'a>;

    fn into_iter(self) -> MembersIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Members {
    type Item = (&'a String, &'a mut Json);
    type IntoIter = MembersIterMut<'a>;

    fn into_iter(self) -> MembersIterMut<'a> {
        self.iter_mut()
    }
}

impl std::ops::Index<&str> for Members {
    type Output = Json;

    /// Returns the member of a name.
    ///
    /// # Panics
    /// When there is none.
    fn index(&self, name: &str) -> &Json {
        self.get(name).expect("no member of this name")
    }
}

// By what they are, whatever form they have.
impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}
