//! Values in an order of their own, with numbers as they were written: what the writers of YAML and JSON take.

use crate::json::{Json, Number};

/// A value whose top levels have an order of their own, as the envelope of a resource has. All else is sorted.
#[derive(Clone, Debug)]
pub enum Tree<'a> {
    /// A value as it is stored: members sorted by name, numbers in their normal form.
    Value(&'a Json),
    /// A string.
    Text(&'a str),
    /// A number as it was written, where the format has this spelling; else in its normal form.
    Number(&'a Number),
    /// The text of a number that no value keeps. It stays as it was written; JSON takes it as a string where it has no such number.
    Unkept(&'a str),
    /// A value as JSON text without spaces, as the store has it: it is written without building the value. Members that are
    /// not sorted are sorted, and numbers get their normal form.
    Json(&'a str),
    /// Members in this order.
    Members(Vec<(&'a str, Tree<'a>)>),
    /// Items in this order.
    Items(Vec<Tree<'a>>),
}

impl<'a> Tree<'a> {
    /// Returns a value with its numbers as they were written, members sorted by name.
    ///
    /// ```
    /// use kindstore::manifest::{Format, Limits, Tree, read, to_yaml, write_yaml};
    /// let value = read(b"version: 1.20\n", Format::Yaml, &Limits::default())?.value;
    /// assert_eq!(write_yaml(&Tree::spelled(&value)), "version: 1.20\n");
    /// assert_eq!(to_yaml(&value), "version: 1.2\n");
    /// # Ok::<(), kindstore::manifest::ReadError>(())
    /// ```
    // Not the meaning of `Value`: a store keeps no spelling, and an answer must not have one before the value is stored and
    // another one afterwards.
    pub fn spelled(value: &'a Json) -> Self {
        match value {
            Json::Number(number) => Tree::Number(number),
            Json::Array(items) => Tree::Items(items.iter().map(Tree::spelled).collect()),
            Json::Object(members) => {
                Tree::Members(members.iter().map(|(name, value)| (name.as_str(), Tree::spelled(value))).collect())
            }
            other => Tree::Value(other),
        }
    }
}
