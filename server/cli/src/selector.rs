//! The selectors of lists: labels and members.

use clap::Args;
use kindstore::store::SelectorError;

use super::failure::{Failure, Result};

/// The selectors of a list.
// Both are read before anything is asked; members only where the kind is known.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Only resources with these labels: a=b, a!=b, 'a in (b,c)', 'a notin (b)', a, !a; joined by commas
    #[arg(short = 'l', long = "selector", value_name = "LABELS", value_parser = labels)]
    labels: Option<String>,
    /// Only resources with these members: status.state=RUNNING, metadata.name!=x; joined by commas
    #[arg(long = "field-selector", value_name = "MEMBERS")]
    fields: Option<String>,
    /// The revision of the store that is shown; the newest without it.
    #[arg(skip)]
    revision: Option<u64>,
}

impl Selection {
    /// Whether anything is selected by. A blank selector selects nothing, and counts as not given.
    pub(crate) fn is_given(&self) -> bool {
        !self.labels().is_empty() || !self.fields().is_empty()
    }

    /// Whether a selector was given that is blank, as by a variable that is not set.
    pub(crate) fn has_blank(&self) -> bool {
        let is_blank = |selector: &Option<String>| selector.as_ref().is_some_and(|text| text.trim().is_empty());
        is_blank(&self.labels) || is_blank(&self.fields)
    }

    /// Checks that no exclusion is empty, as by a variable that is not set: it would select what it was to protect.
    pub(crate) fn check_exclusions(&self) -> Result<()> {
        let wrong = |error: SelectorError| {
            Failure::usage(error.to_string())
                .hint("is a variable not set? an empty value that is meant is quoted, as in 'team!=\"\"'")
        };
        [self.labels(), self.fields()].into_iter().try_for_each(kindstore::Selector::check_exclusions).map_err(wrong)
    }

    /// Returns the selection at a revision of the store; at the newest without one.
    pub(crate) fn at(self, revision: Option<u64>) -> Self {
        Self { revision, ..self }
    }

    pub(crate) fn revision(&self) -> Option<u64> {
        self.revision
    }

    /// The label selector; empty for all.
    pub(crate) fn labels(&self) -> &str {
        self.labels.as_deref().unwrap_or_default().trim()
    }

    /// The field selector; empty for all.
    pub(crate) fn fields(&self) -> &str {
        self.fields.as_deref().unwrap_or_default().trim()
    }
}

fn labels(text: &str) -> std::result::Result<String, String> {
    match kindstore::Selector::labels(text.trim()) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
