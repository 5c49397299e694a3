//! The numbers of enumerations in messages.

use tonic::Status;

use super::refusal;
use crate::fault::Fault;

/// The value of a field whose type is an enumeration.
///
/// # Errors
/// `INVALID_ARGUMENT` with the field and its number, if that is not declared.
// The getters that are generated take a number that is not declared for the default: a newer client, which asks for
// what this server does not know, would get something else and no error.
pub(super) fn declared<E: TryFrom<i32>>(field: &str, number: i32) -> Result<E, Status> {
    let message = || format!("{field} is {number}, which is not a value of its enumeration here");
    E::try_from(number).map_err(|_| refusal::of(Fault::new("BadRequest", message())))
}
