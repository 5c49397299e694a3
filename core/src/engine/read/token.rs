//! The places at which a list or a history continues on its next page, as opaque text.
//!
//! A token is bound to what it is a page of: with another kind, namespace or selector it would skip resources in silence.

use std::fmt;

use super::list::ListOptions;
use crate::backend::Revision;
use crate::checksum::{self, Hasher};
use crate::engine::stored::CollectionRef;
use crate::error::{Error, Result};
use crate::object::ResourceId;

/// The purpose of a token, so that one of a list is refused by a history.
const LIST: u8 = 3;
const HISTORY: u8 = 4;

/// The purposes of tokens of earlier versions, which were bound to nothing.
const UNBOUND: [u8; 2] = [1, 2];

/// Purpose, number, id, scope, and the checksum of these.
const LENGTH: usize = 1 + 8 + 16 + 4 + 4;

/// The same without a scope.
const UNBOUND_LENGTH: usize = LENGTH - 4;

/// What a token is bound to, as a checksum.
// A checksum finds mistakes and stops nobody who forges one; a forged token shows nothing that a list does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scope(u32);

/// The place at which a list continues: all of its pages show one revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContinueToken {
    /// The revision of the first page.
    revision: Revision,
    /// The last resource that was looked at.
    after: ResourceId,
    scope: Scope,
}

/// The place at which a history continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryToken {
    /// The resource: its name may be another one's by now.
    pub(super) id: ResourceId,
    /// The oldest version that was returned.
    pub(super) before: u64,
    scope: Scope,
}

impl Scope {
    fn of_list(collection: CollectionRef<'_>, selected: &ListOptions) -> Self {
        let labels = selected.labels.words().map(|word| ("label", word));
        let fields = selected.fields.words().map(|word| ("field", word));
        Self::of(collection, labels.chain(fields).flat_map(|(what, word)| [what, word]))
    }

    fn of_history(collection: CollectionRef<'_>, only_authored: bool) -> Self {
        Self::of(collection, only_authored.then_some("authored"))
    }

    fn of<'w>(collection: CollectionRef<'w>, words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut hasher = Hasher::new();
        let address = [&*collection.kind.name, collection.namespace.unwrap_or_default()];
        for word in address.into_iter().chain(words) {
            // With its length, so that the end of a word is seen.
            hasher.update(&(word.len() as u64).to_be_bytes());
            hasher.update(word.as_bytes());
        }
        Self(hasher.finalize())
    }
}

impl ContinueToken {
    /// The place behind a resource, in a list of these options at a revision.
    pub(crate) fn new(
        collection: CollectionRef<'_>,
        selected: &ListOptions,
        revision: Revision,
        after: ResourceId,
    ) -> Self {
        Self { revision, after, scope: Scope::of_list(collection, selected) }
    }

    /// The revision and the resource of a text.
    ///
    /// # Errors
    /// `BadRequest` for a text that is no token, was changed, or belongs to another list.
    pub(super) fn open(
        text: &str,
        collection: CollectionRef<'_>,
        selected: &ListOptions,
    ) -> Result<(Revision, ResourceId)> {
        let (revision, after, scope) = read(text, LIST, "list")?;
        if scope != Scope::of_list(collection, selected) {
            return Err(elsewhere("list", "the kind, the namespace and the selectors"));
        }
        Ok((revision, after))
    }
}

impl HistoryToken {
    /// The place behind a version, in a history of a resource of this collection.
    pub(super) fn new(collection: CollectionRef<'_>, only_authored: bool, id: ResourceId, before: u64) -> Self {
        Self { id, before, scope: Scope::of_history(collection, only_authored) }
    }

    /// The token of a text.
    ///
    /// # Errors
    /// As [`ContinueToken::open`].
    pub(super) fn open(text: &str, collection: CollectionRef<'_>, only_authored: bool) -> Result<Self> {
        let (before, id, scope) = read(text, HISTORY, "list of versions")?;
        if scope != Scope::of_history(collection, only_authored) {
            return Err(elsewhere("list of versions", "the kind, the namespace and the filter"));
        }
        Ok(Self { id, before, scope })
    }
}

impl fmt::Display for ContinueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, LIST, (self.revision, self.after, self.scope))
    }
}

impl fmt::Display for HistoryToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, HISTORY, (self.before, self.id, self.scope))
    }
}

fn write(f: &mut fmt::Formatter<'_>, purpose: u8, (number, id, scope): (u64, ResourceId, Scope)) -> fmt::Result {
    let mut bytes = [&[purpose][..], &number.to_be_bytes(), id.as_bytes(), &scope.0.to_be_bytes()].concat();
    bytes.extend(checksum::hash(&bytes).to_be_bytes());
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn read(text: &str, purpose: u8, what: &str) -> Result<(u64, ResourceId, Scope)> {
    match bytes(text).as_deref() {
        Some([begin, rest @ ..]) if *begin == purpose => parts(rest).ok_or_else(|| foreign(text, what)),
        Some([begin, ..]) if UNBOUND.contains(begin) => Err(Error::bad_request(format!(
            "the continue token of a {what} is of an earlier version of this program; begin again without a token"
        ))),
        _ => Err(foreign(text, what)),
    }
}

/// The bytes of a text, whose checksum is right.
fn bytes(text: &str) -> Option<Vec<u8>> {
    // Digits only: a sign would be taken for part of a number.
    let is_long = text.len() == 2 * LENGTH || text.len() == 2 * UNBOUND_LENGTH;
    if !is_long || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = (0..text.len() / 2).map(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16));
    let mut bytes = digits.collect::<std::result::Result<Vec<_>, _>>().ok()?;
    let checksum = u32::from_be_bytes(*bytes.last_chunk()?);
    bytes.truncate(bytes.len() - 4);
    (checksum == checksum::hash(&bytes)).then_some(bytes)
}

fn parts(bytes: &[u8]) -> Option<(u64, ResourceId, Scope)> {
    let (number, rest) = bytes.split_first_chunk()?;
    let (id, rest) = rest.split_first_chunk()?;
    let scope = rest.try_into().ok()?;
    Some((u64::from_be_bytes(*number), ResourceId::from_bytes(*id), Scope(u32::from_be_bytes(scope))))
}

fn elsewhere(what: &str, kept: &str) -> Error {
    Error::bad_request(format!(
        "the continue token belongs to another {what}; {kept} must be those of the first page, or begin again without a token"
    ))
}

fn foreign(text: &str, what: &str) -> Error {
    let text: String = text.chars().take(2 * LENGTH).collect();
    Error::bad_request(format!(
        "invalid continue token {text:?} of a {what}; pass the token of the previous page unchanged"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::registry::Registry;
    use crate::rules::selector::Selector;

    fn kind(name: &str) -> std::sync::Arc<Kind> {
        std::sync::Arc::clone(Registry::builtin().expect("the definitions load").require(name).expect("a kind"))
    }

    #[test]
    fn a_token_comes_back_and_a_changed_one_is_refused() {
        let (kind, id, all) = (kind("Deployment"), ResourceId::from_bytes([7; 16]), ListOptions::default());
        let at = CollectionRef::new(&kind, Some("default"));
        let text = ContinueToken::new(at, &all, 41, id).to_string();
        let open = |text: &str| ContinueToken::open(text, at, &all);
        assert_eq!(open(&text).ok(), Some((41, id)));
        assert!(matches!(HistoryToken::open(&text, at, false), Err(Error::BadRequest { .. })), "it is of a list");
        for index in 0..text.len() {
            let changed = if &text[index..=index] == "0" { "1" } else { "0" };
            let changed = format!("{}{changed}{}", &text[..index], &text[index + 1..]);
            assert!(open(&changed).is_err(), "{changed}");
        }
        for text in ["", "x", &id.to_string(), &text[1..], &text.replace('0', "+"), "ä".repeat(33).as_str()] {
            assert!(matches!(open(text), Err(Error::BadRequest { .. })), "{text}");
        }
    }

    #[test]
    fn a_token_belongs_to_one_list() {
        let (kind, other, id) = (kind("Deployment"), kind("DeploymentTarget"), ResourceId::from_bytes([7; 16]));
        let at = CollectionRef::new(&kind, Some("default"));
        let labels = |text: &str| ListOptions::default().labels(Selector::labels(text).expect("a selector"));
        let fields = |text: &str| ListOptions::default().fields(Selector::labels(text).expect("a selector"));
        let text = ContinueToken::new(at, &labels("a=b,c"), 41, id).to_string();
        assert!(ContinueToken::open(&text, at, &labels(" a == 'b', c")).is_ok());
        for selected in
            [labels(""), labels("a=b"), labels("a!=b,c"), labels("a=b,!c"), labels("a in (b,c)"), fields("a=b,c")]
        {
            assert!(ContinueToken::open(&text, at, &selected).is_err(), "{selected:?}");
        }
        for at in [CollectionRef::new(&kind, Some("other")), CollectionRef::new(&other, Some("default"))] {
            let error = ContinueToken::open(&text, at, &labels("a=b,c")).expect_err("another list");
            assert!(error.to_string().contains("belongs to another list"), "{error}");
        }
    }

    #[test]
    fn a_history_goes_on_as_it_began() {
        let (kind, id) = (kind("Deployment"), ResourceId::from_bytes([9; 16]));
        let at = CollectionRef::new(&kind, Some("default"));
        let token = HistoryToken::new(at, true, id, u64::MAX);
        let text = token.to_string();
        assert_eq!(HistoryToken::open(&text, at, true).ok(), Some(token));
        assert!(HistoryToken::open(&text, at, false).is_err());
        assert!(ContinueToken::open(&text, at, &ListOptions::default()).is_err());
    }

    #[test]
    fn a_token_of_an_earlier_version_is_told_from_a_damaged_one() {
        let kind = kind("Deployment");
        let at = CollectionRef::new(&kind, Some("default"));
        for purpose in UNBOUND {
            let mut bytes = vec![purpose; UNBOUND_LENGTH - 4];
            bytes.extend(checksum::hash(&bytes).to_be_bytes());
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            for error in [
                ContinueToken::open(&text, at, &ListOptions::default()).expect_err("it is old"),
                HistoryToken::open(&text, at, false).expect_err("it is old"),
            ] {
                assert!(error.to_string().contains("earlier version"), "{error}");
            }
        }
    }
}
