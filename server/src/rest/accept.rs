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

/// The media types that a watch has beside JSON.
const STREAMS: [&str; 3] = ["text/event-stream", "application/jsonl", "application/x-ndjson"];

/// Whether a client takes the events of a watch as browsers do.
pub(super) fn takes_events(headers: &HeaderMap) -> bool {
    names(headers, &STREAMS[..1])
}

/// Whether a client takes one of the forms of a watch by name.
pub(super) fn takes_stream(headers: &HeaderMap) -> bool {
    names(headers, &STREAMS)
}

fn names(headers: &HeaderMap, types: &[&str]) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut named = values.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    named.any(|range| types.iter().any(|known| range.trim().eq_ignore_ascii_case(known)))
}

/// The form that the client likes best (RFC 9110, section 12.5.1), or `NotAcceptable`.
pub(super) fn negotiate(headers: &HeaderMap) -> Result<Media, Fault> {
    let values: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> = values.iter().flat_map(|value| value.split(',')).filter_map(Range::parse).collect();
    if ranges.is_empty() {
        return Ok(Media::Json);
    }
    // The first offer wins among equals: a later one must be liked strictly better.
    let mut best = None;
    for (name, media) in OFFERED {
        let quality = quality(&ranges, name);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, media));
        }
    }
    best.map(|(_, media)| media).ok_or_else(|| {
        let asked = values.join(", ");
        Fault::new(
            "NotAcceptable",
            format!("no answer has the type {asked:?}; accept application/json or application/yaml"),
        )
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

/// The quality of a type: that of the most specific range that covers it.
fn quality(ranges: &[Range<'_>], name: &str) -> u16 {
    // A more specific range beats a wider one, whatever their qualities (RFC 9110, section 12.5.1).
    let group = name.split_once('/').map_or(name, |(group, _)| group);
    let specificity = |range: &Range<'_>| match range.name {
        exact if exact.eq_ignore_ascii_case(name) => Some(2),
        wide if wide.strip_suffix("/*").is_some_and(|wide| wide.eq_ignore_ascii_case(group)) => Some(1),
        "*/*" | "*" => Some(0),
        _ => None,
    };
    let covering = ranges.iter().filter_map(|range| specificity(range).map(|rank| (rank, range.quality)));
    covering.max_by_key(|(rank, _)| *rank).map_or(0, |(_, quality)| quality)
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
        check("text/html", None);
        check("application/json;q=0", None);
    }
}
