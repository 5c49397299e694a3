//! In which form an answer leaves: the `Accept` header by quality, JSON when nothing is said.

use http::HeaderMap;
use http::header::ACCEPT;
use kindstore::manifest::Format;

use crate::fault::Fault;

/// The form of a document in a request or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    Yaml,
}

impl Media {
    /// The format of a text in this form.
    pub(super) fn format(self) -> Format {
        match self {
            Media::Json => Format::Json,
            Media::Yaml => Format::Yaml,
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::Yaml => "application/yaml",
        }
    }
}

/// The media types that an answer can have, the preferred first.
const OFFERED: [(&str, Media); 5] = [
    ("application/json", Media::Json),
    ("text/json", Media::Json),
    ("application/yaml", Media::Yaml),
    ("text/yaml", Media::Yaml),
    ("application/x-yaml", Media::Yaml),
];

/// The form of the events of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// As browsers take them.
    Events,
    /// A JSON document on each line, under the media type that the client names.
    Lines(&'static str),
}

impl Stream {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Stream::Events => "text/event-stream",
            Stream::Lines(name) => name,
        }
    }
}

/// The name of lines of JSON for those who ask for none of its others.
const LINES: Stream = Stream::Lines("application/jsonl");

/// The media types that a watch can have, the preferred first. YAML is not among them: its documents have no end that is
/// seen before the next one begins.
const STREAMS: [(&str, Stream); 5] = [
    ("application/jsonl", LINES),
    ("text/event-stream", Stream::Events),
    ("application/x-ndjson", Stream::Lines("application/x-ndjson")),
    ("application/json", LINES),
    ("text/json", LINES),
];

/// The form that the client likes best (RFC 9110, section 12.5.1), or `NotAcceptable`.
pub(super) fn negotiate(headers: &HeaderMap) -> Result<Media, Fault> {
    let usual = (Media::Json, "application/json or application/yaml");
    best(headers, &OFFERED, usual, |ranges, name| (liking(ranges, name).0, 0))
}

/// The form of the events of a watch that the client likes best, or `NotAcceptable`.
pub(super) fn negotiate_stream(headers: &HeaderMap) -> Result<Stream, Fault> {
    // One that is named beats one that a wildcard covers: who names events reads nothing else.
    best(headers, &STREAMS, (LINES, "application/jsonl or text/event-stream"), liking)
}

/// The offer with the highest weight; without a wish the usual one, which comes with advice for those who want another.
fn best<T: Copy>(
    headers: &HeaderMap,
    offered: &[(&str, T)],
    (usual, advice): (T, &str),
    weigh: fn(&[Range<'_>], &str) -> (u16, u8),
) -> Result<T, Fault> {
    let values: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> = values.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    if ranges.is_empty() {
        return Ok(usual);
    }
    // Among equals the first offer wins: a later one must be liked strictly better.
    let liked =
        offered.iter().map(|(name, form)| (weigh(&ranges, name), *form)).filter(|((quality, _), _)| *quality > 0);
    let best = liked.reduce(|best, next| if next.0 > best.0 { next } else { best });
    // A person with a browser: some answer shows more than none.
    let shows_pages = || liking(&ranges, "text/html").0 > 0;
    best.map(|(_, form)| form).or_else(|| shows_pages().then_some(usual)).ok_or_else(|| {
        let asked = values.join(", ");
        Fault::new("NotAcceptable", format!("no answer has the type {asked:?}; accept {advice}"))
    })
}

struct Range<'a> {
    name: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let quality = weight.and_then(|weight| weight.parse::<f32>().ok()).unwrap_or(1.0).clamp(0.0, 1.0);
        Some(Self { name, quality: (quality * 1000.0) as u16 })
    }
}

/// How a type is liked: the quality of the most specific range that covers it, and how specific that is.
fn liking(ranges: &[Range<'_>], name: &str) -> (u16, u8) {
    // A more specific range beats a wider one, whatever their qualities (RFC 9110, section 12.5.1).
    let group = name.split_once('/').map_or(name, |(group, _)| group);
    let specificity = |range: &Range<'_>| match range.name {
        exact if exact.eq_ignore_ascii_case(name) => Some(2),
        wide if wide.strip_suffix("/*").is_some_and(|wide| wide.eq_ignore_ascii_case(group)) => Some(1),
        "*/*" | "*" => Some(0),
        _ => None,
    };
    let covering = ranges.iter().filter_map(|range| specificity(range).map(|rank| (rank, range.quality)));
    covering.max_by_key(|(rank, _)| *rank).map_or((0, 0), |(rank, quality)| (quality, rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: &str, expected: Option<Media>) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header"));
        assert_eq!(negotiate(&headers).ok(), expected, "for {accept:?}");
    }

    #[test]
    fn the_best_liked_form_wins_and_json_wins_ties() {
        assert_eq!(negotiate(&HeaderMap::new()).ok(), Some(Media::Json));
        check("*/*", Some(Media::Json));
        check("application/yaml", Some(Media::Yaml));
        check("text/html, application/*;q=0.9", Some(Media::Json));
        check("application/json;q=0.5, application/yaml", Some(Media::Yaml));
        check("application/yaml;q=0.5, */*;q=0.4", Some(Media::Yaml));
        check("application/json;q=0, */*", Some(Media::Json));
        check("application/json;q=0, text/json;q=0, */*", Some(Media::Yaml));
        check("TEXT/YAML", Some(Media::Yaml));
        check("application/json;q=0", None);
        check("image/png", None);
    }

    #[test]
    fn a_browser_gets_json() {
        check("text/html", Some(Media::Json));
        check("text/html,application/xhtml+xml,application/xml;q=0.9", Some(Media::Json));
        check("text/html;q=0", None);
        check("text/html, application/yaml;q=0.1", Some(Media::Yaml));
        check("text/*", Some(Media::Json));
    }

    fn check_stream(accept: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header"));
        assert_eq!(negotiate_stream(&headers).ok().map(Stream::content_type), expected, "for {accept:?}");
    }

    #[test]
    fn a_watch_has_the_form_that_is_liked_best() {
        assert_eq!(negotiate_stream(&HeaderMap::new()).ok(), Some(LINES));
        check_stream("*/*", Some("application/jsonl"));
        check_stream("text/event-stream", Some("text/event-stream"));
        check_stream("text/event-stream, */*", Some("text/event-stream"));
        check_stream("application/json, text/event-stream", Some("text/event-stream"));
        check_stream("application/json, text/event-stream;q=0.5", Some("application/jsonl"));
        check_stream("application/json", Some("application/jsonl"));
        check_stream("application/x-ndjson", Some("application/x-ndjson"));
        check_stream("text/html,*/*;q=0.8", Some("application/jsonl"));
        check_stream("text/html", Some("application/jsonl"));
        check_stream("application/yaml, */*;q=0.1", Some("application/jsonl"));
        for unserved in ["application/yaml", "text/yaml", "application/x-yaml", "image/png", "text/event-stream;q=0"] {
            check_stream(unserved, None);
        }
    }
}
