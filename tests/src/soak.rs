//! How long a proof runs: short within `make test`, in full by `make soak`.

/// The number of rounds of a proof: `short` within the tests, `full` when `KINDSTORE_SOAK` is set.
pub(crate) fn rounds(short: usize, full: usize) -> usize {
    if std::env::var_os("KINDSTORE_SOAK").is_some() { full } else { short }
}
