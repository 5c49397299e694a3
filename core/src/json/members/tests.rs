//! Members in both of their forms.

use super::*;
use crate::json::{Json, Members};

#[test]
fn members_behave_as_a_map_in_either_form() {
    let (mut members, mut map, mut state) = (Members::new(), BTreeMap::new(), 7_u64);
    for step in 0..4_000_u64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // More names at times, so that both forms are there.
        let range = if step % 1_000 < 500 { 8 } else { 100 };
        let (name, value) = (format!("n{}", (state >> 40) % range), Json::from(step.to_string()));
        match (state >> 33) % 4 {
            0 => assert_eq!(members.remove(&name), map.remove(&name)),
            1 => {
                let own = members.get_or_insert_with(&name, || value.clone()).clone();
                assert_eq!(own, *map.entry(name).or_insert(value));
            }
            _ => assert_eq!(members.insert(name.clone(), value.clone()), map.insert(name, value)),
        }
        assert!(members.iter().eq(map.iter()), "{members:?}");
        assert_eq!((members.len(), members.last_key_value()), (map.len(), map.last_key_value()));
        if step % 1_000 == 0 {
            (members, map) = Default::default();
        }
    }
    let again: Members = map.clone().into_iter().rev().collect();
    assert_eq!(again, members);
    members.retain(|name, _| name.ends_with('1'));
    map.retain(|name, _| name.ends_with('1'));
    assert!(members.into_iter().eq(map));
}

#[test]
fn equal_members_are_equal_in_any_form() {
    let few = || (0..3).map(|number| (number.to_string(), Json::Null));
    let mut many: Members = (0..FEW + 10).map(|number| (number.to_string(), Json::Null)).collect();
    many.retain(|name, _| matches!(name.as_str(), "0" | "1" | "2"));
    assert!(matches!(many.0, Form::Many(_)));
    assert_eq!(many, few().collect::<Members>());
}

#[test]
fn an_object_with_one_member_takes_little_more_than_its_member() {
    let members = Members::from([("a".to_owned(), Json::Null)]);
    let Form::Few(list) = &members.0 else { panic!("it has one") };
    assert_eq!(list.capacity(), 1);
    assert!(size_of::<Members>() == size_of::<Vec<Json>>() && size_of::<Json>() <= 32);
}
