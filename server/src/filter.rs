//! The filters of lists in the published API, which both the queries of REST and their description know.

/// The filters of lists: members of metadata that hold the id of what a resource belongs to.
pub(crate) const FILTERS: [&str; 3] = ["deploymentId", "jobId", "sessionClusterId"];
