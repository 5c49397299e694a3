//! The places at which a list or a history continues on its next page, as opaque text.

use std::fmt;
use std::str::FromStr;

use crate::backend::Revision;
use crate::checksum;
use crate::error::Error;
use crate::object::ResourceId;

/// The purpose of a token, so that one of a list is refused by a history.
const LIST: u8 = 1;
const HISTORY: u8 = 2;

/// Purpose, number, id, and the checksum of these.
const LENGTH: usize = 1 + 8 + 16 + 4;

/// The place at which a list continues: all of its pages show one revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContinueToken {
    /// The revision of the first page; for [`ListOptions::revision`](crate::ListOptions::revision).
    pub revision: Revision,
    /// The last resource that was looked at; for [`ListOptions::after`](crate::ListOptions::after).
    pub after: ResourceId,
}

/// The place at which a history continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryToken {
    /// The resource: its name may be another one's by now.
    pub id: ResourceId,
    /// The oldest version that was returned; for [`HistoryOptions::before`](crate::HistoryOptions::before).
    pub before: u64,
}

impl fmt::Display for ContinueToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, LIST, self.revision, self.after)
    }
}

/// # Errors
/// `BadRequest` for a text that is none, was changed, or belongs to something else.
impl FromStr for ContinueToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (revision, after) = read(text, LIST).ok_or_else(|| foreign(text, "list"))?;
        Ok(Self { revision, after })
    }
}

impl fmt::Display for HistoryToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, HISTORY, self.before, self.id)
    }
}

/// # Errors
/// As [`ContinueToken`]'s.
impl FromStr for HistoryToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (before, id) = read(text, HISTORY).ok_or_else(|| foreign(text, "list of versions"))?;
        Ok(Self { id, before })
    }
}

fn write(f: &mut fmt::Formatter<'_>, purpose: u8, number: u64, id: ResourceId) -> fmt::Result {
    // The checksum finds a text that was cut or edited. It keeps no secret: a forged token shows nothing that a list
    // does not.
    let mut bytes = [&[purpose][..], &number.to_be_bytes(), id.as_bytes()].concat();
    bytes.extend(checksum::hash(&bytes).to_be_bytes());
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn read(text: &str, purpose: u8) -> Option<(u64, ResourceId)> {
    // Digits only: a sign would be taken for part of a number.
    if text.len() != 2 * LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = (0..LENGTH).map(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16));
    let bytes = digits.collect::<Result<Vec<_>, _>>().ok()?;
    let (told, checksum) = bytes.split_last_chunk::<4>()?;
    if u32::from_be_bytes(*checksum) != checksum::hash(told) {
        return None;
    }
    let (number, id) = told.strip_prefix(&[purpose])?.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*number), ResourceId::from_bytes(id.try_into().ok()?)))
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

    #[test]
    fn a_token_comes_back_and_a_changed_one_is_refused() {
        let id = ResourceId::from_bytes([7; 16]);
        let token = ContinueToken { revision: 41, after: id };
        let text = token.to_string();
        assert_eq!(text.parse::<ContinueToken>().ok(), Some(token));
        assert!(matches!(text.parse::<HistoryToken>(), Err(Error::BadRequest { .. })), "it is of a list");
        for index in 0..text.len() {
            let changed = if &text[index..=index] == "0" { "1" } else { "0" };
            let changed = format!("{}{changed}{}", &text[..index], &text[index + 1..]);
            assert!(changed.parse::<ContinueToken>().is_err(), "{changed}");
        }
        for text in ["", "x", &id.to_string(), &text[1..], &text.replace('0', "+"), "ä".repeat(29).as_str()] {
            assert!(matches!(text.parse::<ContinueToken>(), Err(Error::BadRequest { .. })), "{text}");
        }
    }

    #[test]
    fn a_history_goes_on_with_the_resource_that_it_began_with() {
        let token = HistoryToken { id: ResourceId::from_bytes([9; 16]), before: u64::MAX };
        assert_eq!(token.to_string().parse::<HistoryToken>().ok(), Some(token));
        assert!(token.to_string().parse::<ContinueToken>().is_err());
    }
}
