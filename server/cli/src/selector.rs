//! The selectors of lists: labels and members.

use clap::Args;

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
    /// Whether anything is selected by.
    pub(crate) fn is_given(&self) -> bool {
        self.labels.is_some() || self.fields.is_some()
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
        self.labels.as_deref().unwrap_or_default()
    }

    /// The field selector; empty for all.
    pub(crate) fn fields(&self) -> &str {
        self.fields.as_deref().unwrap_or_default()
    }
}

fn labels(text: &str) -> Result<String, String> {
    match kindstore::Selector::labels(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
