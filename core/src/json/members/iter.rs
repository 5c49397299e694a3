//! The members one after the other, whichever form they have.

use std::collections::btree_map;
use std::iter::FusedIterator;
use std::{slice, vec};

/// Makes an iterator over either form.
macro_rules! iterator {
    ($(#[$doc:meta])* $name:ident<$($life:lifetime,)? $value:ident>, $list:ty, $tree:ty, $item:ty, $pair:pat => $whole:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<$($life,)? $value>(Form<$list, $tree>);

        impl<$($life,)? $value> $name<$($life,)? $value> {
            pub(super) fn of_list(list: $list) -> Self {
                Self(Form::Few(list))
            }

            pub(super) fn of_tree(tree: $tree) -> Self {
                Self(Form::Many(tree))
            }
        }

        impl<$($life,)? $value> Iterator for $name<$($life,)? $value> {
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

        impl<$($life,)? $value> DoubleEndedIterator for $name<$($life,)? $value> {
            fn next_back(&mut self) -> Option<Self::Item> {
                match &mut self.0 {
                    Form::Few(list) => list.next_back().map(|$pair| $whole),
                    Form::Many(tree) => tree.next_back(),
                }
            }
        }

        impl<$($life,)? $value> ExactSizeIterator for $name<$($life,)? $value> {}
        impl<$($life,)? $value> FusedIterator for $name<$($life,)? $value> {}
    };
}

#[derive(Debug)]
enum Form<L, T> {
    Few(L),
    Many(T),
}

iterator! {
    /// Members in the order of their names, as `Members::iter` returns them.
    MembersIter<'a, V>, slice::Iter<'a, (String, V)>, btree_map::Iter<'a, String, V>, (&'a String, &'a V),
    (name, value) => (name, value)
}

iterator! {
    /// Members in the order of their names with values to change, as `Members::iter_mut` returns them.
    MembersIterMut<'a, V>, slice::IterMut<'a, (String, V)>, btree_map::IterMut<'a, String, V>,
    (&'a String, &'a mut V), (name, value) => (&*name, value)
}

iterator! {
    /// Members in the order of their names, as `Members::into_iter` returns them.
    IntoMembers<V>, vec::IntoIter<(String, V)>, btree_map::IntoIter<String, V>, (String, V), pair => pair
}
