//! The host that a request is for: named once, in a form that every reader takes for the same, and this machine where
//! only this machine is served.

use http::header::{HOST, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Version};

use crate::fault::Fault;

/// Returns the authority that a request is for.
///
/// # Errors
/// `BadRequest` for a request that names no host, several, or none that can be read (RFC 9112, section 3.2; RFC 9113,
/// section 8.3.1): a proxy before the server may read another one.
pub(super) fn authority<B>(request: &Request<B>) -> Result<Option<Authority>, Fault> {
    let given = header(request.headers())?;
    match (request.uri().authority(), given) {
        // HTTP/2 has the host in the target, and a Host header only for those who translate.
        (Some(target), Some(given)) if request.version() == Version::HTTP_2 && !is_same(target, &given) => Err(bad(
            format!("the request is for {:?}, and its Host header names {:?}", target.as_str(), given.as_str()),
        )),
        // A whole URI counts, and the Host header beside it does not (RFC 9112, section 3.2.2).
        (Some(target), _) if request.method() != Method::CONNECT => Ok(Some(target.clone())),
        (_, Some(given)) => Ok(Some(given)),
        (_, None) if request.version() >= Version::HTTP_11 && !has_empty_host(request.headers()) => {
            Err(bad("the request names no host; send one Host header"))
        }
        (_, None) => Ok(None),
    }
}

/// The authority of the Host header, if there is one that is not empty.
fn header(headers: &HeaderMap) -> Result<Option<Authority>, Fault> {
    let mut lines = headers.get_all(HOST).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return match headers.contains_key(HOST) {
            true => Err(bad("the request has several Host headers; send one")),
            false => Ok(None),
        };
    };
    if line.is_empty() {
        return Ok(None);
    }
    let parsed = Authority::try_from(line.as_bytes()).ok().filter(|authority| !authority.as_str().contains('@'));
    parsed.map(Some).ok_or_else(|| bad("the Host header is not a host with an optional port"))
}

fn has_empty_host(headers: &HeaderMap) -> bool {
    headers.get(HOST).is_some_and(|line| line.is_empty())
}

fn is_same(one: &Authority, other: &Authority) -> bool {
    one.host().eq_ignore_ascii_case(other.host()) && one.port_u16() == other.port_u16()
}

/// Whether an authority is this machine.
pub(super) fn is_local(authority: &Authority) -> bool {
    // Userinfo is no part of a host, and nobody honest sends it here.
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let is_loopback = bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

/// Refuses a body whose transfer coding is anything but `chunked`: it would be taken for what it is not.
///
/// # Errors
/// `NotImplemented` (RFC 9112, section 6.1).
pub(super) fn check_coding(headers: &HeaderMap) -> Result<(), Fault> {
    let mut lines = headers.get_all(TRANSFER_ENCODING).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(()),
        (Some(one), None) if one.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(Fault::new("NotImplemented", "the only supported Transfer-Encoding is chunked; send the body plain")),
    }
}

fn bad(message: impl Into<String>) -> Fault {
    Fault::new("BadRequest", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_this_machine_are_local() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:8080", true),
            ("127.9.9.9", true),
            ("[::1]:8080", true),
            ("app.localhost:1", true),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("localhost@evil.example", false),
            ("evil.example@localhost", false),
            ("192.168.0.1:8080", false),
        ] {
            assert_eq!(is_local(&host.parse().expect("an authority")), expected, "{host:?}");
        }
    }

    fn found(version: Version, target: &str, hosts: &[&str]) -> Result<Option<String>, &'static str> {
        let mut request = Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let request = request.body(()).expect("a request");
        authority(&request).map(|it| it.map(|it| it.to_string())).map_err(|fault| fault.reason.word())
    }

    #[test]
    fn a_request_names_one_host() {
        let name = |text: &str| Ok(Some(text.to_owned()));
        let bad = Err("BadRequest");
        for (version, target, hosts, expected) in [
            (Version::HTTP_11, "/", &["a:1"][..], name("a:1")),
            (Version::HTTP_11, "/", &[], bad.clone()),
            (Version::HTTP_11, "/", &["a", "a"], bad.clone()),
            (Version::HTTP_11, "/", &["a b"], bad.clone()),
            (Version::HTTP_11, "/", &["a, b"], bad.clone()),
            (Version::HTTP_11, "/", &["x@a"], bad.clone()),
            (Version::HTTP_11, "/", &[""], Ok(None)),
            (Version::HTTP_11, "http://b/", &["a"], name("b")),
            (Version::HTTP_11, "http://b/", &["a", "b"], bad.clone()),
            (Version::HTTP_10, "/", &[], Ok(None)),
            (Version::HTTP_10, "/", &["a", "b"], bad.clone()),
            (Version::HTTP_2, "http://b/", &[], name("b")),
            (Version::HTTP_2, "http://b:80/", &["B:80"], name("b:80")),
            (Version::HTTP_2, "http://b/", &["a"], bad.clone()),
            (Version::HTTP_2, "/", &[], bad.clone()),
        ] {
            assert_eq!(found(version, target, hosts), expected, "{version:?} {target} {hosts:?}");
        }
    }

    #[test]
    fn chunked_is_the_only_coding() {
        for (lines, expected) in [
            (&["chunked"][..], true),
            (&["Chunked "], true),
            (&[], true),
            (&["gzip, chunked"], false),
            (&["gzip", "chunked"], false),
            (&["chunked, chunked"], false),
            (&["identity"], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(TRANSFER_ENCODING, line.parse().expect("a header"));
            }
            assert_eq!(check_coding(&headers).is_ok(), expected, "{lines:?}");
        }
    }
}
