//! Pages of lists and of histories in both bindings.

use crate::fault::Fault;

/// The most resources or versions on a page.
pub(crate) const MAX_SIZE: usize = 1000;

/// The fault for a list that cannot be read. Who goes on too late learns what to do.
pub(crate) fn fault(error: kindstore::Error, goes_on: bool) -> Fault {
    let is_expired = matches!(error, kindstore::Error::Expired { .. });
    let mut fault = Fault::from(error);
    if goes_on && is_expired {
        fault.message.push_str("; begin the list again");
    }
    fault
}
