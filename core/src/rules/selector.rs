//! Selectors: which resources are meant, by their labels or by members that their kind declares as selectable.

mod reader;
mod requirement;
mod value;

use self::reader::Reader;
pub use self::requirement::SelectorError;
use self::requirement::{MAX_REQUIREMENTS, Requirement, Test};
use crate::diagnostic::shown;
use crate::kind::Kind;

/// Requirements on labels or members. All must hold.
///
/// ```
/// use kindstore::Selector;
/// let selector = Selector::labels("team in (web, data), tier!=gold, !legacy")?;
/// let labels = |name: &str| (name == "team").then_some("web");
/// assert!(selector.matches(labels));
/// assert_eq!(Selector::labels("a=b,=c").unwrap_err().position, 5);
/// # Ok::<(), kindstore::store::SelectorError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

impl Selector {
    /// Reads a label selector in the grammar of Kubernetes: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a` and
    /// `!a`, joined by commas. Values may be quoted, with a backslash before a quote or a backslash.
    ///
    /// # Errors
    /// The text is not a selector; the error has the position.
    pub fn labels(text: &str) -> Result<Self, SelectorError> {
        let mut reader = Reader::new(text)?;
        let mut selector = Self::default();
        while let Some((place, requirement)) = reader.requirement()? {
            selector.push(requirement, place)?;
        }
        Ok(selector)
    }

    /// Reads a field selector, in the same grammar. A path is written as `spec.state`, and only members that the kind
    /// declares as selectable can be asked for, and the name.
    ///
    /// ```
    /// use kindstore::{Registry, Selector};
    /// let registry = Registry::builtin()?;
    /// let kind = registry.require("Deployment")?;
    /// let selector = Selector::fields(kind, "metadata.name=clicks").expect("the name is selectable");
    /// assert!(selector.matches(|path| (path == "metadata.name").then_some("clicks")));
    /// assert!(Selector::fields(kind, "spec.unknown=x").is_err());
    /// # Ok::<(), kindstore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Selector::labels`]; the message for a member that cannot be asked for names those that can.
    pub fn fields(kind: &Kind, text: &str) -> Result<Self, SelectorError> {
        let mut reader = Reader::new(text)?;
        let mut selector = Self::default();
        while let Some((place, mut requirement)) = reader.requirement()? {
            let wrong = |message: String| SelectorError { position: place, message };
            if field(kind, &requirement.key).is_none() {
                let known: Vec<_> = fields(kind).collect();
                let message = format!("{:?} cannot be selected by; use {}", requirement.key, known.join(", "));
                return Err(wrong(message));
            }
            value::settle(kind, &mut requirement).map_err(wrong)?;
            selector.push(requirement, place)?;
        }
        Ok(selector)
    }

    /// Checks the text of a selector, of labels or of fields, for an exclusion of nothing: `a!=` or `a notin ()`, as by a
    /// variable that is not set. It selects what it was to protect, so a deletion should refuse it. The empty value in
    /// quotes is meant: `a!=""`.
    ///
    /// ```
    /// use kindstore::Selector;
    /// assert!(Selector::check_exclusions("team!=web").is_ok());
    /// assert!(Selector::check_exclusions("team!=\"\"").is_ok());
    /// assert_eq!(Selector::check_exclusions("app,team!=").unwrap_err().position, 11);
    /// ```
    ///
    /// # Errors
    /// An excluded value is empty and has no quotes, or the text is not a selector.
    pub fn check_exclusions(text: &str) -> Result<(), SelectorError> {
        let mut reader = Reader::new(text)?;
        while let Some((_, Requirement { key, test })) = reader.requirement()? {
            if let (Some(position), Test::NotIn(_)) = (reader.take_blank(), test) {
                let message = format!("the value of {:?} that is excluded is empty", shown(&key));
                return Err(SelectorError { position, message });
            }
        }
        Ok(())
    }

    /// The selector that asks for one value of one member or label.
    pub fn equal(key: &str, value: &str) -> Self {
        Self(vec![Requirement { key: key.to_owned(), test: Test::In(vec![value.to_owned()]) }])
    }

    /// Both selectors together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The labels or members in the requirements.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|requirement| requirement.key.as_str())
    }

    /// The labels or members that must have one of some values, with those values.
    pub(crate) fn equalities(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().filter_map(|requirement| match &requirement.test {
            Test::In(values) => Some((requirement.key.as_str(), values.as_slice())),
            _ => None,
        })
    }

    /// Its requirements as words, the same for the same selector however it is written.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|requirement| {
            let (test, values) = match &requirement.test {
                Test::In(values) => ("in", &values[..]),
                Test::NotIn(values) => ("notin", &values[..]),
                Test::Exists => ("exists", &[][..]),
                Test::Missing => ("missing", &[][..]),
            };
            [test, requirement.key.as_str()].into_iter().chain(values.iter().map(String::as_str)).chain([";"])
        })
    }

    /// Whether it asks for nothing, so that everything matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a resource matches; `value` returns the value of a label or member.
    pub fn matches<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = value(&requirement.key);
            match &requirement.test {
                Test::In(values) => value.is_some_and(|value| values.iter().any(|known| known == value)),
                // As in Kubernetes, a resource without the label matches `!=` and `notin`.
                Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|known| known != value)),
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
            }
        })
    }

    fn push(&mut self, requirement: Requirement, position: usize) -> Result<(), SelectorError> {
        if self.0.len() == MAX_REQUIREMENTS {
            return Err(SelectorError {
                position,
                message: format!("a selector has at most {MAX_REQUIREMENTS} requirements"),
            });
        }
        self.0.push(requirement);
        Ok(())
    }
}

/// The paths of members of a kind that can be selected by.
pub(crate) fn fields(kind: &Kind) -> impl Iterator<Item = String> {
    let name = kind.has_name().then(|| "metadata.name".to_owned());
    name.into_iter().chain(kind.selectable.iter().map(|pointer| pointer[1..].replace('/', ".")))
}

/// Where the value of a path is found: the name, or an entry of the kind's selectable members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Selectable(usize),
}

/// The member of a path like `spec.state`.
pub(crate) fn field(kind: &Kind, path: &str) -> Option<Field> {
    if kind.has_name() && path == "metadata.name" {
        return Some(Field::Name);
    }
    // Lengths first: building the path allocates, and this runs for each key of each list request.
    let is = |pointer: &String| pointer.len() == path.len() + 1 && pointer[1..].replace('/', ".") == path;
    kind.selectable.iter().position(is).map(Field::Selectable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selector: &str, expected: bool) {
        let labels = |name: &str| match name {
            "team" => Some("web"),
            "tier" => Some("front"),
            "empty" => Some(""),
            "odd" => Some("a, \"b\" (c)"),
            _ => None,
        };
        let parsed = Selector::labels(selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
        assert_eq!(parsed.matches(labels), expected, "{selector}");
    }

    #[test]
    fn a_selector_selects_by_equality_by_sets_and_by_being_there() {
        for (selector, expected) in [
            ("", true),
            ("  ", true),
            ("team=web", true),
            ("team = web", true),
            ("team==web,tier=front", true),
            ("team=data", false),
            ("team!=data", true),
            ("other!=x", true),
            ("team in (web, data)", true),
            ("team in (data),tier", false),
            ("team notin (data,x) , tier", true),
            ("other notin (x)", true),
            ("team", true),
            ("!team", false),
            ("! other", true),
            ("empty=", true),
            ("empty in ()", true),
            ("empty in (,x)", true),
            ("odd='a, \"b\" (c)'", true),
            (r#"odd="a, \"b\" (c)""#, true),
            ("inside!=x,notin!=y,in", false),
            ("other!='>1', '!tier>1'!=x", true),
            ("other!=http://a/b?c&d;e*", true),
        ] {
            check(selector, expected);
        }
    }

    #[test]
    fn an_exclusion_of_an_empty_value_is_found_unless_it_is_quoted() {
        for (text, expected) in [
            ("", None),
            ("a!=b,c notin (d,e),!f", None),
            ("a=,b in (),c in (,x)", None),
            ("a!=''", None),
            ("a notin (\"\", x)", None),
            ("a!=", Some(4)),
            ("a != , b", Some(6)),
            ("a=,b!=", Some(7)),
            ("a=web,b!=", Some(10)),
            ("a notin ()", Some(10)),
            ("a notin ( )", Some(11)),
            ("a notin (x,)", Some(12)),
            ("a notin (,x)", Some(10)),
            ("é!=", Some(4)),
            ("metadata.name!=", Some(16)),
        ] {
            let found = Selector::check_exclusions(text).err().map(|error| error.position);
            assert_eq!(found, expected, "{text}");
        }
        assert!(Selector::check_exclusions("a of b").is_err());
    }

    #[test]
    fn what_is_no_selector_is_refused_at_its_place() {
        for (text, position) in [
            ("=b", 1),
            ("a of (b)", 3),
            ("a b", 3),
            ("(b)", 1),
            ("a in (b", 8),
            ("!", 2),
            ("a,", 3),
            (",a", 1),
            ("a=b=c", 4),
            ("a in b", 6),
            ("a='b", 3),
            ("é=ü,,x", 5),
            ("a=b)", 4),
            ("prio>1", 5),
            ("!prio>1", 6),
            ("team=web,prio >= 1", 15),
            ("prio<1", 5),
            ("a=>1", 3),
            ("a=~b.*", 3),
            ("a~b", 2),
            ("a=b && c=d", 5),
            ("a || b", 3),
            ("a=b||c", 4),
            ("a in (b, >1)", 10),
            ("te*", 3),
        ] {
            let error = Selector::labels(text).expect_err(text);
            assert_eq!(error.position, position, "{text}: {error}");
        }
        assert!(Selector::labels(&vec!["a"; MAX_REQUIREMENTS + 1].join(",")).is_err());
        let long = |bytes: usize| "é".repeat(bytes / 2);
        assert!(Selector::labels(&long(16 << 10)).is_ok());
        let error = Selector::labels(&long((16 << 10) + 2)).expect_err("too long");
        assert_eq!(error.position, (8 << 10) + 1, "{error}");
        assert!(Selector::check_exclusions(&long(1 << 20)).is_err());
    }
}
