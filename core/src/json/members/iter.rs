//! The members one after the other, whichever form they have.

use std::collections::btree_map;
use std::iter::FusedIterator;
use std::{slice, vec};

use super::super::Json;

/// Makes an iterator over either form.
macro_rules! iterator {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)?, $list:ty, $tree:ty, $item:ty, $pair:pat => $whole:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name $(<$life>)? (Form<$list, $tree>);

        impl $(<$life>)? $name $(<$life>)? {
            pub(super) fn of_list(list: $list) -> Self {
                Self(Form::Few(list))
            }

            pub(super) fn of_tree(tree: $tree) -> Self {
                Self(Form::Many(tree))
            }
        }

        impl $(<$life>)? Iterator for $name $(<$life>)? {
            type Item = $item;

            fn next(&mut self) -> Option<Self::Item> {
                match &mut self.0 {
                    Form::Few(list) => list.next().map(|$pair| $whole),
                    Form::Many(tree) => tree.next(),
                }
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                match &self.0 {
                    Form::Few(list) => list.size_hint(),
                    Form::Many(tree) => tree.size_hint(),
                }
            }
        }

        impl $(<$life>)? DoubleEndedIterator for $name $(<$life>)? {
            fn next_back(&mut self) -> Option<Self::Item> {
                match &mut self.0 {
                    Form::Few(list) => list.next_back().map(|$pair| $whole),
                    Form::Many(tree) => tree.next_back(),
                }
            }
        }

        impl $(<$life>)? ExactSizeIterator for $name $(<$life>)? {}
        impl $(<$life>)? FusedIterator for $name $(<$life>)? {}
    };
}

#[derive(Debug)]
enum Form<L, T> {
    Few(L),
    Many(T),
}

iterator! {
    /// Members in the order of their names, as `Members::iter` returns them.
    MembersIter<'a>, slice::Iter<'a, (String, Json)>, btree_map::Iter<'a, String, Json>, (&'a String, &'a Json),
    (name, value) => (name, value)
}

iterator! {
    /// Members in the order of their names with values to change, as `Members::iter_mut` returns them.
    MembersIterMut<'a>, slice::IterMut<'a, (String, Json)>, btree_map::IterMut<'a, String, Json>,
    (&'a String, &'a mut Json), (name, value) => (&*name, value)
}

iterator! {
    /// Members in the order of their names, as `Members::into_iter` returns them.
    IntoMembers, vec::IntoIter<(String, Json)>, btree_map::IntoIter<String, Json>, (String, Json), pair => pair
}
