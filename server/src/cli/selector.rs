//! Label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.

use kindstore::StringMap;

/// What the labels of a resource must be. All demands must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector(Vec<Demand>);

/// One demand on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Demand {
    label: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    /// Also holds when there is no such label, as in Kubernetes.
    NotIn(Vec<String>),
    Exists,
    Missing,
}

impl Selector {
    /// Reads a selector.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        pieces(text)
            .into_iter()
            .map(str::trim)
            .filter(|piece| !piece.is_empty())
            .map(demand)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a resource with these labels is selected.
    pub(crate) fn matches(&self, labels: Option<&StringMap>) -> bool {
        self.0.iter().all(|demand| {
            let value = labels.and_then(|labels| labels.get(&demand.label));
            match &demand.test {
                Test::In(values) => value.is_some_and(|value| values.iter().any(|known| known == value)),
                Test::NotIn(values) => value.is_none_or(|value| !values.iter().any(|known| known == value)),
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
            }
        })
    }
}

/// The text at its commas, but for those in parentheses.
fn pieces(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    text.split(|letter| {
        match letter {
            '(' => is_inside = true,
            ')' => is_inside = false,
            _ => {}
        }
        letter == ',' && !is_inside
    })
    .collect()
}

fn demand(piece: &str) -> Result<Demand, String> {
    let made = |label: &str, test| match label.trim() {
        label if is_label(label) => Ok(Demand { label: label.to_owned(), test }),
        _ => Err(format!("{piece:?} is no selector; use a=b, a!=b, 'a in (b,c)', 'a notin (b)', a or !a")),
    };
    if let Some(list) = piece.strip_suffix(')') {
        let (head, list) = list.split_once('(').unwrap_or((list, ""));
        let values = list.split(',').map(|value| value.trim().to_owned()).collect();
        let head = head.trim_end();
        return match (head.strip_suffix(" notin"), head.strip_suffix(" in")) {
            (Some(label), _) => made(label, Test::NotIn(values)),
            (_, Some(label)) => made(label, Test::In(values)),
            _ => made("", Test::Exists),
        };
    }
    if let Some((label, value)) = piece.split_once("!=") {
        return made(label, Test::NotIn(vec![value.trim().to_owned()]));
    }
    if let Some((label, value)) = piece.split_once("==").or_else(|| piece.split_once('=')) {
        return made(label, Test::In(vec![value.trim().to_owned()]));
    }
    match piece.strip_prefix('!') {
        Some(label) => made(label, Test::Missing),
        None => made(piece, Test::Exists),
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '(', ')', '=', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_selects_by_equality_by_sets_and_by_being_there() {
        let pairs = [("team", "web"), ("tier", "front")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let labels = StringMap::from_iter(pairs);
        for (selector, expected) in [
            ("", true),
            ("team=web", true),
            ("team==web,tier=front", true),
            ("team=data", false),
            ("team!=data", true),
            ("other!=x", true),
            ("team in (web, data)", true),
            ("team in (data),tier", false),
            ("team notin (data,x),tier", true),
            ("other notin (x)", true),
            ("team", true),
            ("!team", false),
            ("!other", true),
        ] {
            let parsed = Selector::parse(selector).expect(selector);
            assert_eq!(parsed.matches(Some(&labels)), expected, "{selector}");
        }
        assert!(Selector::parse("!a,b!=c").is_ok_and(|selector| selector.matches(None)));
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in ["=b", "a of (b)", "a b", "(b)", "a in (b", "!"] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
