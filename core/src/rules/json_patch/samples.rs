//! Pairs of values by chance, alike in most of their parts, for the tests of patches.

use proptest::prelude::*;

use crate::json::{Json, Members};

/// A value with few words, so that much is equal.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        prop::sample::select(vec!["0", "1", "1.5", "1.50", "1.0"])
            .prop_map(|text| Json::Number(crate::json::Number::parse(text).expect("a number"))),
        prop::sample::select(vec!["", "x", "y", "a/b~c"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop::sample::select(vec!["a", "b", "id", "name", "", "a/b", "~1", "0", "-"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::btree_map(name.prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// Removes, doubles, moves or replaces parts of a value, chosen by the numbers.
fn altered(value: Json, numbers: &mut impl Iterator<Item = u8>, other: &Json) -> Json {
    let number = numbers.next().unwrap_or(9);
    match value {
        _ if number == 0 => other.clone(),
        Json::Object(members) => {
            let mut members: Members =
                members.into_iter().map(|(name, member)| (name, altered(member, numbers, other))).collect();
            if number == 1 {
                let first = members.keys().next().cloned();
                first.and_then(|first| members.remove(&first));
            }
            if number == 2 {
                members.insert("new".to_owned(), other.clone());
            }
            Json::Object(members)
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.into_iter().map(|item| altered(item, numbers, other)).collect();
            match number {
                1 if !items.is_empty() => drop(items.remove(usize::from(numbers.next().unwrap_or(0)) % items.len())),
                2 => items.insert(usize::from(numbers.next().unwrap_or(0)) % (items.len() + 1), other.clone()),
                3 => items.reverse(),
                4 => items.extend_from_within(..),
                _ => {}
            }
            Json::Array(items)
        }
        other => other,
    }
}

/// An old value and a new one.
pub(crate) fn pair() -> impl Strategy<Value = (Json, Json)> {
    let alike = (value(), prop::collection::vec(0_u8..12, 0..24), value())
        .prop_map(|(old, numbers, other)| (old.clone(), altered(old, &mut numbers.into_iter(), &other)));
    prop_oneof![4 => alike, 1 => (value(), value())]
}
