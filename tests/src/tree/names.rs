//! The public names of a crate: everything that a user can write, so that its growth is seen.

use std::collections::{BTreeMap, BTreeSet};

use syn::{ImplItem, Item, TraitItem, Type, Visibility};

use super::root;
use super::scope::{Crate, Target, is_hidden, name};

/// Where a type is defined, and its name.
type Definition = (usize, String);

/// The public names below a crate, each with its whole path; methods, fields and variants stand behind their type.
fn public_names(tree: &Crate, crate_name: &str) -> BTreeSet<String> {
    let methods = methods(tree);
    let mut found = BTreeSet::new();
    collect(tree, 0, crate_name, &methods, &mut found);
    found
}

fn collect(
    tree: &Crate,
    module: usize,
    path: &str,
    methods: &BTreeMap<Definition, BTreeSet<String>>,
    found: &mut BTreeSet<String>,
) {
    let here = &tree.0[module];
    let mut add = |name: &str, definition: Definition| {
        let path = format!("{path}::{name}");
        let members =
            members(tree, &definition).into_iter().chain(methods.get(&definition).cloned().unwrap_or_default());
        found.extend(members.map(|member| format!("{path}::{member}")));
        found.insert(path);
    };
    for item in here.items.iter().filter(|item| is_public(item)) {
        if let Some(name) = name(item) {
            add(&name, (module, name.clone()));
        }
    }
    let exports = here.imports.iter().filter(|import| import.is_public);
    for import in exports {
        if let Some(Target::Item(defined)) = tree.resolve(module, &import.path) {
            let own = import.path.last().cloned().unwrap_or_default();
            add(&import.name, (defined, own));
        }
    }
    for (name, child) in here.children.iter().filter(|(_, child)| here.public_children.contains(child)) {
        found.insert(format!("{path}::{name}"));
        collect(tree, *child, &format!("{path}::{name}"), methods, found);
    }
}

/// Whether other crates can use an item by its path.
fn is_public(item: &Item) -> bool {
    let (visibility, attributes) = match item {
        Item::Const(item) => (&item.vis, &item.attrs),
        Item::Enum(item) => (&item.vis, &item.attrs),
        Item::Fn(item) => (&item.vis, &item.attrs),
        Item::Struct(item) => (&item.vis, &item.attrs),
        Item::Trait(item) => (&item.vis, &item.attrs),
        Item::Type(item) => (&item.vis, &item.attrs),
        _ => return false,
    };
    matches!(visibility, Visibility::Public(_)) && !is_hidden(attributes)
}

/// The public fields of a struct, the variants of an enum, the items of a trait.
fn members(tree: &Crate, (module, wanted): &Definition) -> Vec<String> {
    let item = tree.0[*module].items.iter().find(|item| name(item).as_ref() == Some(wanted));
    match item {
        Some(Item::Struct(item)) => {
            let fields = item.fields.iter().filter(|field| matches!(field.vis, Visibility::Public(_)));
            fields.filter_map(|field| Some(field.ident.as_ref()?.to_string())).collect()
        }
        Some(Item::Enum(item)) => item.variants.iter().map(|variant| variant.ident.to_string()).collect(),
        Some(Item::Trait(item)) => {
            let name = |item: &TraitItem| match item {
                TraitItem::Fn(item) => Some(item.sig.ident.to_string()),
                TraitItem::Type(item) => Some(item.ident.to_string()),
                TraitItem::Const(item) => Some(item.ident.to_string()),
                _ => None,
            };
            item.items.iter().filter_map(name).collect()
        }
        _ => Vec::new(),
    }
}

/// The public functions and constants of every type.
fn methods(tree: &Crate) -> BTreeMap<Definition, BTreeSet<String>> {
    let mut found: BTreeMap<Definition, BTreeSet<String>> = BTreeMap::new();
    for (module, here) in tree.0.iter().enumerate() {
        for item in &here.items {
            let Item::Impl(item) = item else { continue };
            let (None, Type::Path(of)) = (&item.trait_, &*item.self_ty) else { continue };
            let path: Vec<String> = of.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let Some(Target::Item(defined)) = tree.resolve(module, &path) else { continue };
            let public = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(item) if matches!(item.vis, Visibility::Public(_)) => Some(item.sig.ident.to_string()),
                ImplItem::Const(item) if matches!(item.vis, Visibility::Public(_)) => Some(item.ident.to_string()),
                _ => None,
            });
            found.entry((defined, path.last().cloned().unwrap_or_default())).or_default().extend(public);
        }
    }
    found
}

/// `KINDSTORE_GOLDEN=write cargo test` writes the list anew; the difference is for reading.
#[test]
fn the_public_names_of_core_grow_only_where_somebody_sees_it() {
    let names = public_names(&Crate::read(&root(), "core/src/lib.rs"), "kindstore");
    let at_root = names.iter().filter(|name| name.matches("::").count() == 1).count();
    assert!(at_root <= 50, "{at_root} names and modules at the root of the crate");
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    let golden = root().join("tests/golden/public-names.txt");
    if std::env::var("KINDSTORE_GOLDEN").is_ok_and(|word| word == "write") {
        std::fs::write(&golden, &text).unwrap();
    }
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    let known: BTreeSet<String> = known.lines().map(str::to_owned).collect();
    let new: Vec<_> = names.difference(&known).collect();
    let gone: Vec<_> = known.difference(&names).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "tests/golden/public-names.txt is not what is public: new {new:?}, gone {gone:?}"
    );
}
