//! Calls into sled and to the disk: sled reports damage by panicking, and a panic is an error here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::fault;
use crate::error::{Error, Result};

/// Runs a call and returns a panic as an error with its message. After an error sled's memory is not to be trusted.
pub(super) fn guarded<T, E>(call: impl FnOnce() -> std::result::Result<T, E>) -> Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    // Unwind safety: after a panic the caller closes sled and drops everything that it held in memory.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(answer) => answer.map_err(Error::backend),
        Err(panic) => Err(fault(format!("panic: {}", panic_message(&*panic)))),
    }
}

/// Returns the message of a panic.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

/// Returns the message of an error's source.
pub(super) fn source(error: &Error) -> String {
    match error {
        Error::Backend(source) => source.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_words() {
        let call = || -> io::Result<()> { panic!("page {} is torn", 7) };
        let Err(Error::Backend(source)) = guarded(call) else { panic!("it was no error") };
        assert_eq!(source.to_string(), "panic: page 7 is torn");
        assert!(guarded(|| io::Result::Ok(1)).is_ok_and(|one| one == 1));
    }
}
