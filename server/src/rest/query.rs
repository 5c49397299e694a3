//! The query parameters of a request. One that is nearly a known one is an error; others are ignored.

use kindstore::{FieldValidation, ResourceId, Revision};
use percent_encoding::percent_decode_str;

use crate::fault::Fault;
use crate::filter::FILTERS;
use crate::paging::MAX_SIZE;
use crate::swagger::Form;

/// The options that a query sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Answers as the real call would and stores nothing.
    pub(super) dry_run: bool,
    /// Includes secret members in the answer.
    pub(super) reveal: bool,
    /// Whether defaults fill what a replacing document leaves out.
    pub(super) apply_defaults: Option<bool>,
    /// How members that the kind does not know are treated.
    pub(super) field_validation: FieldValidation,
    /// Which labels the resources of a list have.
    pub(super) label_selector: String,
    /// Which members the resources of a list have.
    pub(super) field_selector: String,
    /// The owners of the resources of a list, by the name of the member of metadata.
    pub(super) filters: Vec<(&'static str, ResourceId)>,
    /// Whether changes are streamed.
    pub(super) watch: bool,
    /// Where a watch begins: `now`, `list`, or the cursor of an event; or the version that another one is compared with.
    pub(super) from: String,
    /// How often a watch emits a bookmark while nothing happens, in seconds.
    pub(super) bookmark_seconds: u32,
    /// In which form an API describes itself: `version=2` asks for Swagger 2.0.
    pub(super) form: Form,
    /// The most that a page holds; all, without one.
    pub(super) limit: Option<usize>,
    /// Where a list or a history goes on.
    pub(super) token: Option<String>,
    /// The revision of the store that is read.
    pub(super) revision: Option<Revision>,
    /// Leaves out versions that changed the status only.
    pub(super) only_authored: bool,
    /// The version that one is compared with.
    pub(super) to: Option<u64>,
}

/// The treatments of members that a kind does not know.
pub(super) const FIELD_VALIDATION: [(&str, FieldValidation); 3] =
    [("Warn", FieldValidation::Warn), ("Strict", FieldValidation::Strict), ("Ignore", FieldValidation::Ignore)];

/// Every parameter of the API.
// Parameters that are not supported are refused, because a filter that is ignored would return the wrong resources.
const KNOWN: [(&str, bool); 20] = [
    ("version", true),
    ("dryRun", true),
    ("reveal", true),
    ("applyDefaults", true),
    ("force", true),
    ("fieldValidation", true),
    ("labelSelector", true),
    ("fieldSelector", true),
    ("deploymentId", true),
    ("jobId", true),
    ("sessionClusterId", true),
    ("limit", true),
    ("continue", true),
    ("revision", true),
    ("authored", true),
    ("from", true),
    ("to", true),
    ("orderBy", false),
    ("watch", true),
    ("bookmarkSeconds", true),
];

/// The one parameter that must not be empty: all others count as not given then, and a variable that is not set would turn
/// a trial into a write.
const DRY_RUN: &str = "dryRun";

/// Whether a query asks for changes as they come.
pub(super) fn watches(query: Option<&str>) -> bool {
    parse(query).is_ok_and(|query| query.watch)
}

/// Reads the query of a URI.
pub(super) fn parse(query: Option<&str>) -> Result<Query, Fault> {
    let (mut parsed, mut seen) = (Query::default(), Vec::new());
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
        let has_value = value.is_some();
        let (name, value) = (decode(name)?, decode(value.unwrap_or_default())?);
        let is_empty = has_value && value.trim().is_empty();
        match KNOWN.iter().find(|(known, _)| folded(known).eq(folded(&name))) {
            None => {}
            // A typo such as `dryrun` must not turn a dry run into a write.
            Some((known, _)) if *known != name => {
                return Err(bad(format!("unknown query parameter {name:?}; did you mean {known:?}?")));
            }
            Some((known, _)) if is_empty && *known != DRY_RUN => {}
            Some((known, false)) => {
                return Err(Fault::new("NotImplemented", format!("the query parameter {known:?} is not supported")));
            }
            Some((known, true)) if seen.contains(known) => {
                return Err(bad(format!("the query parameter {known:?} is given twice")));
            }
            Some((known, true)) => {
                seen.push(*known);
                set(&mut parsed, known, &value)?;
            }
        }
    }
    Ok(parsed)
}

impl Query {
    /// Whether a list leaves anything out.
    pub(super) fn selects(&self) -> bool {
        !self.label_selector.is_empty() || !self.field_selector.is_empty() || !self.filters.is_empty()
    }

    /// Whether a list shows the store at one revision: the one that is asked for, or that of its first page.
    pub(super) fn is_of_revision(&self) -> bool {
        self.limit.is_some() || self.token.is_some() || self.revision.is_some()
    }
}

fn set(query: &mut Query, name: &'static str, value: &str) -> Result<(), Fault> {
    let wrong = |what: &str| bad(format!("the query parameter {name:?} is {what}, not {value:?}"));
    let flag = || match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong("true or false")),
    };
    let number = || value.parse().ok().filter(|number: &u64| *number > 0).ok_or_else(|| wrong("a number from 1 on"));
    match name {
        "limit" => {
            let limit = value.parse().ok().filter(|limit| *limit <= MAX_SIZE);
            let limit: usize = limit.ok_or_else(|| wrong("a number from 1 to 1000, or 0 for all"))?;
            query.limit = Some(limit).filter(|limit| *limit > 0);
        }
        "continue" => query.token = Some(value.to_owned()).filter(|token| !token.is_empty()),
        "revision" => query.revision = Some(number()?),
        "authored" => query.only_authored = flag()?,
        "to" => query.to = Some(number()?),
        "version" => {
            query.form = match value {
                "2" | "2.0" => Form::Swagger20,
                "3" | "3.1" => Form::OpenApi31,
                _ => return Err(wrong("2 or 3")),
            }
        }
        "fieldValidation" => {
            let found = FIELD_VALIDATION.iter().find(|(name, _)| *name == value);
            query.field_validation = found.map(|(_, how)| *how).ok_or_else(|| wrong("Warn, Strict or Ignore"))?;
        }
        "labelSelector" => value.clone_into(&mut query.label_selector),
        "fieldSelector" => value.clone_into(&mut query.field_selector),
        _ if FILTERS.contains(&name) => query.filters.push((name, value.parse().map_err(|_| wrong("a UUID"))?)),
        "watch" => query.watch = flag()?,
        "from" => value.clone_into(&mut query.from),
        "bookmarkSeconds" => {
            query.bookmark_seconds = value.parse().map_err(|_| wrong("a number of seconds"))?;
        }
        "dryRun" => query.dry_run = flag()?,
        "reveal" => query.reveal = flag()?,
        "applyDefaults" => query.apply_defaults = Some(flag()?),
        // `force` of a savepoint's deletion: without a controller every deletion is at once.
        _ => {
            flag()?;
        }
    }
    Ok(())
}

fn decode(text: &str) -> Result<String, Fault> {
    // Forms and many clients write a space as `+` (the URL standard, application/x-www-form-urlencoded).
    let plain = text.replace('+', " ");
    let decoded = percent_decode_str(&plain).decode_utf8().map(|text| text.into_owned());
    decoded.map_err(|_| bad(format!("the query part {text:?} is not percent-encoded UTF-8")))
}

/// Returns the characters of a name that count when a typo is looked for.
fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    // Compared lazily: a query may have tens of thousands of parameters, and most differ in their first character.
    name.chars().filter(|character| !matches!(character, '-' | '_')).flat_map(char::to_lowercase)
}

fn bad(message: String) -> Fault {
    Fault::new("BadRequest", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: Result<Query, &str>) {
        assert_eq!(parse(Some(query)).map_err(|fault| fault.reason.word()), expected, "for {query:?}");
    }

    #[test]
    fn known_parameters_are_read_and_foreign_ones_ignored() {
        check("", Ok(Query::default()));
        check("dryRun=true", Ok(Query { dry_run: true, ..Query::default() }));
        check("utm_source=x&&dryRun=false", Ok(Query::default()));
        check(
            "applyDefaults=false&reveal=true",
            Ok(Query { reveal: true, apply_defaults: Some(false), ..Query::default() }),
        );
        check(
            "limit=5&continue=ab&revision=7",
            Ok(Query { limit: Some(5), token: Some("ab".to_owned()), revision: Some(7), ..Query::default() }),
        );
        check("limit=0&continue=", Ok(Query::default()));
    }

    #[test]
    fn an_empty_parameter_is_as_one_that_is_not_given() {
        for (known, _) in KNOWN.iter().filter(|(known, _)| *known != DRY_RUN) {
            check(&format!("{known}="), Ok(Query::default()));
            check(&format!("{known}=&{known}="), Ok(Query::default()));
        }
        check("deploymentId=+&jobId=%20%09", Ok(Query::default()));
        check("deploymentId=&limit=5", Ok(Query { limit: Some(5), ..Query::default() }));
        check("watch", Err("BadRequest"));
        check("dryRun=", Err("BadRequest"));
        check("dryrun=", Err("BadRequest"));
    }

    #[test]
    fn what_is_nearly_known_or_malformed_is_refused() {
        check("dryrun=true", Err("BadRequest"));
        check("dry-run=true", Err("BadRequest"));
        check("dryRun=yes", Err("BadRequest"));
        check("dryRun", Err("BadRequest"));
        check("dryRun=true&dryRun=false", Err("BadRequest"));
        check("reveal=%ff", Err("BadRequest"));
        check("deploymentId=x", Err("BadRequest"));
        check("orderBy=name", Err("NotImplemented"));
        check("limit=-1", Err("BadRequest"));
        check("limit=1001", Err("BadRequest"));
        check("revision=0", Err("BadRequest"));
        check("revision=18446744073709551616", Err("BadRequest"));
        check("to=x", Err("BadRequest"));
    }
}
