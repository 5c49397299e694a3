//! The modules of one crate: which file each is in, which names stand in it, and where a path leads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{Attribute, File, Item, ItemUse, UseTree, Visibility};

/// A module of a crate, in a file of its own or inside of one.
pub(super) struct Module {
    /// The file, below the root of the repository.
    pub file: String,
    pub items: Vec<Item>,
    pub children: BTreeMap<String, usize>,
    /// The children that are public and documented.
    pub public_children: Vec<usize>,
    pub imports: Vec<Import>,
    parent: Option<usize>,
    /// The items that are defined here, without modules.
    defined: Vec<String>,
}

/// One leaf of a `use`.
#[derive(Clone)]
pub(super) struct Import {
    /// The name here; `*` for everything in a module.
    pub name: String,
    pub path: Vec<String>,
    /// Whether others of the crate can use it from here.
    pub is_reexport: bool,
    /// Whether other crates can.
    pub is_public: bool,
}

/// The end of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Module(usize),
    /// An item in the file of this module.
    Item(usize),
}

/// A module that is being read: its file, the folder of the modules below it, and its items.
struct Source {
    file: String,
    folder: PathBuf,
    items: Vec<Item>,
}

/// All modules of a crate that are not tests.
pub(super) struct Crate(pub Vec<Module>);

impl Crate {
    /// Reads a crate from its root file, module by module.
    pub(super) fn read(repository: &Path, root: &str) -> Self {
        let mut tree = Self(Vec::new());
        let folder = Path::new(root).parent().unwrap().to_owned();
        tree.read_file(repository, root, folder, None);
        tree
    }

    fn read_file(&mut self, repository: &Path, file: &str, folder: PathBuf, parent: Option<usize>) -> usize {
        let text = std::fs::read_to_string(repository.join(file)).unwrap_or_else(|_| panic!("{file} is a module"));
        let File { items, .. } = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.add(repository, Source { file: file.to_owned(), folder, items }, parent)
    }

    fn add(&mut self, repository: &Path, source: Source, parent: Option<usize>) -> usize {
        let Source { file, folder, items } = source;
        let index = self.0.len();
        let items: Vec<Item> = items.into_iter().filter(|item| !is_test(attributes(item))).collect();
        let defined = items.iter().filter_map(name).collect();
        let mut imports = Vec::new();
        items.iter().for_each(|item| {
            if let Item::Use(item) = item {
                imports.extend(leaves(item));
            }
        });
        self.0.push(Module {
            file: file.clone(),
            items: Vec::new(),
            children: BTreeMap::new(),
            public_children: Vec::new(),
            imports,
            parent,
            defined,
        });
        let mut kept = Vec::new();
        for item in items {
            let Item::Mod(inner) = item else {
                kept.push(item);
                continue;
            };
            let name = inner.ident.to_string();
            let is_public = matches!(inner.vis, Visibility::Public(_)) && !is_hidden(&inner.attrs);
            let below = folder.join(&name);
            let child = match inner.content {
                Some((_, items)) => {
                    self.add(repository, Source { file: file.clone(), folder: below, items }, Some(index))
                }
                None => {
                    let path = format!("{}.rs", below.display());
                    if super::is_test_name(&path) {
                        continue;
                    }
                    self.read_file(repository, &path, below, Some(index))
                }
            };
            self.0[index].children.insert(name, child);
            self.0[index].public_children.extend(is_public.then_some(child));
        }
        self.0[index].items = kept;
        index
    }

    /// The end of a path that stands in a module; none when it leads out of the crate, or to a local name.
    pub(super) fn resolve(&self, module: usize, path: &[String]) -> Option<Target> {
        self.walk(module, path, 0)
    }

    fn walk(&self, module: usize, path: &[String], depth: usize) -> Option<Target> {
        // A circle of re-exports does not compile, but two crates of one name may look like one.
        if depth > 16 {
            return None;
        }
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(module),
            "super" => Target::Module(self.0[module].parent?),
            name => self.lookup(module, name, rest.is_empty(), depth)?,
        };
        while let (Target::Module(module), Some((name, behind))) = (at, rest.split_first()) {
            at = match name.as_str() {
                "super" => Target::Module(self.0[module].parent?),
                "self" => at,
                name => self.lookup(module, name, behind.is_empty(), depth)?,
            };
            rest = behind;
        }
        Some(at)
    }

    /// A name in a module. A module and a function may share a name: at the end of a path it is the function's.
    fn lookup(&self, module: usize, name: &str, is_last: bool, depth: usize) -> Option<Target> {
        let here = &self.0[module];
        let child = here.children.get(name).map(|child| Target::Module(*child));
        let item = here.defined.iter().any(|defined| defined == name).then_some(Target::Item(module));
        let own = if is_last { item.or(child) } else { child.or(item) };
        let named = || {
            let imports = here.imports.iter().filter(|import| import.name == name);
            // A path that is the name itself leads to a crate outside, or to itself.
            let imports = imports.filter(|import| import.path.as_slice() != [name.to_owned()]);
            let found: Vec<Target> = imports.filter_map(|import| self.walk(module, &import.path, depth + 1)).collect();
            let wanted = |target: &&Target| matches!(target, Target::Item(_)) == is_last;
            found.iter().find(wanted).or(found.first()).copied()
        };
        let by_glob = || {
            let globs = here.imports.iter().filter(|import| import.name == "*");
            let modules = globs.filter_map(|import| self.walk(module, &import.path, depth + 1));
            modules
                .filter_map(|target| match target {
                    Target::Module(other) if other != module => self.lookup(other, name, is_last, depth + 1),
                    _ => None,
                })
                .next()
        };
        own.or_else(named).or_else(by_glob)
    }
}

/// The leaves of a `use`, each with its whole path.
pub(super) fn leaves(item: &ItemUse) -> Vec<Import> {
    let visible = (!matches!(item.vis, Visibility::Inherited), matches!(item.vis, Visibility::Public(_)));
    let mut found = Vec::new();
    // A path that begins with `::` leads to another crate.
    if item.leading_colon.is_none() {
        collect(&item.tree, &mut Vec::new(), visible, &mut found);
    }
    found
}

fn collect(tree: &UseTree, path: &mut Vec<String>, visible: (bool, bool), found: &mut Vec<Import>) {
    let (is_reexport, is_public) = visible;
    let whole = |last: &str, path: &[String]| {
        // `use a::b::{self}` names the module itself.
        let last = (last != "self" || path.is_empty()).then(|| last.to_owned());
        path.iter().cloned().chain(last).collect::<Vec<String>>()
    };
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            collect(&inner.tree, path, visible, found);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, path, visible, found)),
        UseTree::Name(name) => {
            let path = whole(&name.ident.to_string(), path);
            found.push(Import { name: path.last().cloned().unwrap_or_default(), path, is_reexport, is_public });
        }
        UseTree::Rename(rename) => {
            let path = whole(&rename.ident.to_string(), path);
            found.push(Import { name: rename.rename.to_string(), path, is_reexport, is_public });
        }
        UseTree::Glob(_) => found.push(Import { name: "*".to_owned(), path: path.clone(), is_reexport, is_public }),
    }
}

/// Whether code is compiled for tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let text = quote::quote!(#attribute).to_string().replace(' ', "");
        text.starts_with("#[cfg(test)]") || text.starts_with("#[cfg(all(test,")
    })
}

/// Whether an item is left out of the documentation.
pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| quote::quote!(#attribute).to_string().replace(' ', "") == "#[doc(hidden)]")
}

/// The attributes of an item.
pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name of an item that is defined.
pub(super) fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
