//! Pages of other origins: they change nothing here, unless their origin is listed.

use http::header::{HeaderName, HeaderValue, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Method, Uri};

use crate::fault::Fault;

/// Where the page of a request is from, as browsers say it and no script can (the Fetch Metadata specification).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request that may change something, when a page of an origin that is not listed sends it.
///
/// # Errors
/// `Forbidden`.
// Without a body, or with one of a simple type, a browser asks no permission first: the page could not read the answer,
// but the change would be done. A client that is no browser sends neither header.
pub(super) fn check(
    method: &Method,
    headers: &HeaderMap,
    authority: Option<&Authority>,
    allowed: &[HeaderValue],
) -> Result<(), Fault> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let origin = headers.get(ORIGIN);
    let is_own = match headers.get(FETCH_SITE).map(HeaderValue::as_bytes) {
        // `none` is the user's own doing, such as an address that was typed.
        Some(site) => matches!(site, b"same-origin" | b"none"),
        // Browsers leave it out towards addresses that they do not trust, such as plain HTTP of another machine.
        None => origin.is_none_or(|origin| is_same(origin, authority)),
    };
    if is_own || origin.is_some_and(|origin| allowed.contains(origin)) {
        return Ok(());
    }
    let origin = origin.map_or_else(|| "another site".to_owned(), |origin| format!("the origin {origin:?}"));
    let message =
        format!("a page of {origin} may not change anything here; list its origin with --cors-origin if you trust it");
    Err(Fault::new("Forbidden", message))
}

/// Whether an origin is that of the server itself, as the client addressed it.
fn is_same(origin: &HeaderValue, authority: Option<&Authority>) -> bool {
    let origin = Uri::try_from(origin.as_bytes()).ok();
    let (Some(origin), Some(authority)) = (origin, authority) else { return false };
    let Some(own) = origin.authority() else { return false };
    // The scheme is not compared: a proxy may speak TLS for the server.
    let default = if origin.scheme_str() == Some("https") { 443 } else { 80 };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default);
    own.host().eq_ignore_ascii_case(authority.host()) && port(own) == port(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_headers(headers: &[(HeaderName, &str)], expected: bool) {
        let allowed = ["https://tools.example.org".parse().expect("a header")];
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a header"))).collect();
        let authority = "localhost:8080".parse().expect("an authority");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::from_bytes(b"X").expect("one")]
        {
            let found = check(&method, &headers, Some(&authority), &allowed);
            assert_eq!(found.is_ok(), expected, "{method} {headers:?}");
        }
        assert!(check(&Method::GET, &headers, Some(&authority), &allowed).is_ok());
    }

    #[test]
    fn only_the_own_origin_and_listed_ones_change_something() {
        check_headers(&[], true);
        for (origin, expected) in [
            ("http://localhost:8080", true),
            ("HTTP://LOCALHOST:8080", true),
            ("http://localhost:8081", false),
            ("http://localhost", false),
            ("https://evil.example", false),
            ("http://localhost:8080.evil.example", false),
            ("null", false),
            ("", false),
            ("https://tools.example.org", true),
            ("https://tools.example.org:444", false),
        ] {
            check_headers(&[(ORIGIN, origin)], expected);
        }
    }

    #[test]
    fn what_the_browser_says_counts_before_the_origin() {
        for (site, origin, expected) in [
            ("same-origin", "http://elsewhere:1", true),
            ("none", "null", true),
            ("same-site", "http://localhost:8081", false),
            ("cross-site", "http://localhost:8080", false),
            ("cross-site", "https://tools.example.org", true),
            ("something", "null", false),
        ] {
            check_headers(&[(FETCH_SITE, site), (ORIGIN, origin)], expected);
        }
        check_headers(&[(FETCH_SITE, "cross-site")], false);
        check_headers(&[(FETCH_SITE, "same-origin")], true);
    }
}
