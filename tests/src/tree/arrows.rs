//! Which file uses which: every path to an item of another file, in `use` lines, expressions, types, patterns, attributes
//! and the tokens of macros. Methods called on values are no arrows, nor is a re-export one of the file that it stands in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemUse, Macro, Stmt, Visibility};

use super::scope::{Crate, Target, attributes, is_test, leaves};

/// From a file to another one, with the names that tie them.
pub(super) type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

/// The arrows between the files of a crate.
pub(super) fn arrows(repository: &Path, root: &str) -> Arrows {
    let tree = Crate::read(repository, root);
    let mut found = Arrows::new();
    for (index, module) in tree.0.iter().enumerate() {
        let mut finder = Finder { tree: &tree, module: index, found: &mut found };
        module.items.iter().for_each(|item| finder.visit_item(item));
    }
    found
}

struct Finder<'t, 'f> {
    tree: &'t Crate,
    module: usize,
    found: &'f mut Arrows,
}

impl Finder<'_, '_> {
    fn note(&mut self, path: &[String]) {
        let Some(Target::Item(target)) = self.tree.resolve(self.module, path) else { return };
        let (from, to) = (&self.tree.0[self.module].file, &self.tree.0[target].file);
        if from != to {
            let names = self.found.entry((from.clone(), to.clone())).or_default();
            names.insert(path.join("::"));
        }
    }

    /// The paths in tokens: names with `::` between them. What comes after a dot is a member of a value.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut colons, mut is_member) = (0, false);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.end(&mut path, &mut is_member);
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.end(&mut path, &mut is_member);
                    colons = 0;
                    is_member = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '.');
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.end(&mut path, &mut is_member);
    }

    fn end(&mut self, path: &mut Vec<String>, is_member: &mut bool) {
        let path = std::mem::take(path);
        if !path.is_empty() && !std::mem::take(is_member) {
            self.note(&path);
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        let is_test = match statement {
            Stmt::Local(local) => is_test(&local.attrs),
            _ => false,
        };
        if !is_test {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for import in leaves(item).iter().filter(|import| !import.is_reexport) {
            self.note(&import.path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(&names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}
