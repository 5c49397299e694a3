//! Pages of lists and of histories in both bindings.

use crate::fault::Fault;

/// The most resources or versions on a page.
pub(crate) const MAX_SIZE: usize = 1000;

/// The fault for a list that cannot be read.
// A client that continues too late must begin again, and the message says so.
pub(crate) fn fault(error: kindstore::Error, goes_on: bool) -> Fault {
    let is_expired = matches!(error, kindstore::Error::Expired { .. });
    let mut fault = Fault::from(error);
    if goes_on && is_expired {
        fault.message.push_str("; begin the list again");
    }
    fault
}
