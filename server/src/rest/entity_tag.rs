//! Entity tags in headers (RFC 9110, section 8.8.3).

use http::HeaderMap;
use http::header::HeaderName;
use kindstore::ETag;

/// What the header of a condition holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// `*`.
    Any,
    List(Vec<EntityTag>),
}

/// One tag of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntityTag {
    /// As it was sent.
    pub(super) text: String,
}

impl EntityTag {
    /// What is between the quotes.
    // If-Match compares strongly (RFC 9110, section 13.1.1), but proxies that compress weaken a tag on its way; versions
    // are exact all the same.
    pub(super) fn opaque(&self) -> &str {
        let strong = self.text.strip_prefix("W/").unwrap_or(&self.text);
        strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(strong)
    }

    /// The version that it names; none for a tag of something else.
    pub(super) fn version(&self) -> Option<ETag> {
        self.opaque().parse().ok()
    }
}

impl Tags {
    /// The tags of a header; none where there is no such header.
    ///
    /// # Errors
    /// The part of the header that is no tag; an empty one for a header without any tag.
    pub(super) fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, String> {
        let mut list = Vec::new();
        // A list may be spread over several lines of a header (RFC 9110, section 5.3).
        for line in headers.get_all(name) {
            // A tag may hold bytes beyond ASCII; it is then of something else, whatever they mean.
            let text = String::from_utf8_lossy(line.as_bytes());
            if text.trim() == "*" {
                return Ok(Some(Tags::Any));
            }
            let mut rest = text.trim();
            while !rest.is_empty() {
                let (tag, behind) = split(rest);
                // A tag without quotes counts where it names a version; an empty element is none (section 5.6.1).
                match tag {
                    "" => {}
                    tag if is_quoted(tag) || tag.parse::<ETag>().is_ok() => {
                        list.push(EntityTag { text: tag.to_owned() })
                    }
                    tag => return Err(tag.to_owned()),
                }
                rest = behind.trim_start();
            }
        }
        match (list.is_empty(), headers.contains_key(name)) {
            (true, false) => Ok(None),
            // A condition has at least one tag (section 13.1.1). To take an empty header for none would make the write of
            // a client that lost its tag an unconditional one.
            (true, true) => Err(String::new()),
            (false, _) => Ok(Some(Tags::List(list))),
        }
    }
}

fn is_quoted(tag: &str) -> bool {
    let inner = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.contains('"'))
}

/// The first element of a list, and what is behind its comma.
// A comma within quotes belongs to the tag.
fn split(text: &str) -> (&str, &str) {
    let opening = if text.starts_with("W/\"") { 3 } else { usize::from(text.starts_with('"')) };
    let closing = if opening > 0 { text[opening..].find('"').map(|at| opening + at + 1) } else { Some(0) };
    // Without its second quote the tag is malformed up to the end.
    let Some(begin) = closing else { return (text, "") };
    match text[begin..].find(',') {
        Some(comma) => (text[..begin + comma].trim(), &text[begin + comma + 1..]),
        None => (text.trim(), ""),
    }
}

#[cfg(test)]
mod tests {
    use http::header::IF_MATCH;

    use super::*;

    fn check(lines: &[&str], expected: Result<Option<&[&str]>, &str>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, http::HeaderValue::from_bytes(line.as_bytes()).expect("a header"));
        }
        let found = Tags::read(&headers, &IF_MATCH).map(|tags| {
            tags.map(|tags| match tags {
                Tags::Any => vec!["*".to_owned()],
                Tags::List(tags) => tags.into_iter().map(|tag| tag.text).collect(),
            })
        });
        let expected = expected.map(|tags| tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()));
        assert_eq!(found, expected.map_err(str::to_owned), "{lines:?}");
    }

    #[test]
    fn a_comma_within_quotes_is_part_of_a_tag() {
        check(&[], Ok(None));
        check(&[""], Err(""));
        check(&[" , ,"], Err(""));
        check(&["", ", ,"], Err(""));
        check(&["", "\"a\", ,"], Ok(Some(&["\"a\""])));
        check(&["", "*"], Ok(Some(&["*"])));
        check(&["*"], Ok(Some(&["*"])));
        check(&["\"*\""], Ok(Some(&["\"*\""])));
        check(&["\"a,b\", \"c\""], Ok(Some(&["\"a,b\"", "\"c\""])));
        check(&["W/\"a, b\",\"c\"", "7"], Ok(Some(&["W/\"a, b\"", "\"c\"", "7"])));
        check(&["\"\"", "\"é\""], Ok(Some(&["\"\"", "\"é\""])));
        check(&["nonsense, \"a\""], Err("nonsense"));
        check(&["\"a"], Err("\"a"));
        check(&["\""], Err("\""));
        check(&["a\""], Err("a\""));
        check(&["W/\"a, b"], Err("W/\"a, b"));
        check(&["\"a\"b"], Err("\"a\"b"));
        check(&["*, \"a\""], Err("*"));
    }
}
