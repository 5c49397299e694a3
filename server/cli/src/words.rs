//! The resources that the words of a command name: `deployment clicks`, `deploy/clicks target/jobs`, `deployments,targets`, `all`.

use std::sync::Arc;

use kindstore::kind::Verb;

use super::access::Reference;
use super::failure::{Failure, Result};
use super::kind::{Kind, Kinds};

/// The meaning of the words: all resources of some kinds, or some resources by name or id.
#[derive(Clone, Debug)]
pub(crate) enum Meant {
    All(Vec<Arc<Kind>>),
    Some(Vec<(Arc<Kind>, String)>),
}

/// Reads the words.
pub(crate) fn read(words: &[String], kinds: &Kinds) -> Result<Meant> {
    let Some((first, rest)) = words.split_first() else {
        return Err(Failure::usage("name the resources: KIND, KIND NAME or KIND/NAME")
            .hint("`kindstore api-resources` lists the kinds"));
    };
    // No kind, name or id has a slash, so that one decides how all words are read.
    if words.iter().any(|word| word.contains('/')) {
        return words.iter().map(|word| slashed(word, kinds)).collect::<Result<Vec<_>>>().map(Meant::Some);
    }
    let found = named(first, kinds)?;
    match (found.as_slice(), rest) {
        (_, []) => Ok(Meant::All(found)),
        ([kind], keys) => Ok(Meant::Some(keys.iter().map(|key| (Arc::clone(kind), key.clone())).collect())),
        _ => Err(Failure::usage("names go with one kind; use KIND/NAME for resources of several kinds")),
    }
}

/// The kinds that a word names: one, several with commas, or `all` in namespaces.
fn named(word: &str, kinds: &Kinds) -> Result<Vec<Arc<Kind>>> {
    if word == "all" {
        let is_meant = |kind: &&Arc<Kind>| kind.is_namespaced && kind.allows(Verb::List);
        return Ok(kinds.iter().filter(is_meant).cloned().collect());
    }
    word.split(',').map(|word| kinds.find(word).cloned()).collect()
}

fn slashed(word: &str, kinds: &Kinds) -> Result<(Arc<Kind>, String)> {
    match word.split_once('/') {
        Some((kind, key)) if !kind.is_empty() && !key.is_empty() => Ok((Arc::clone(kinds.find(kind)?), key.to_owned())),
        Some(_) => Err(Failure::usage(format!("{word:?} names no resource; use KIND/NAME"))),
        None => Err(Failure::usage(format!("{word:?} has no kind; where one word is KIND/NAME all are"))),
    }
}

/// Exactly one resource. The only one of its kind needs no name.
pub(crate) fn one(words: &[String], kinds: &Kinds, namespace: &str) -> Result<Reference> {
    match read(words, kinds)? {
        Meant::Some(found) => match <[_; 1]>::try_from(found) {
            Ok([(kind, key)]) => Ok(reference(&kind, namespace, &key)),
            Err(_) => Err(Failure::usage("name one resource: KIND NAME or KIND/NAME")),
        },
        Meant::All(found) => match found.as_slice() {
            [kind] if kind.is_singleton() => Ok(reference(kind, namespace, "")),
            _ => Err(Failure::usage("name one resource: KIND NAME or KIND/NAME")),
        },
    }
}

/// The address of a resource of this kind.
pub(crate) fn reference(kind: &Arc<Kind>, namespace: &str, key: &str) -> Reference {
    // A kind without namespaces ignores --namespace, so that one command can name kinds of both sorts.
    let namespace = kind.is_namespaced.then(|| namespace.to_owned());
    Reference { kind: Arc::clone(kind), namespace, key: key.to_owned() }
}
