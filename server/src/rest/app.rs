//! The files of the web app at `/app`, with what browsers may do with them.

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::answer::{Answer, Outcome};
use super::entity_tag::{EntityTag, Tags};
use crate::app::POLICY;
use crate::fault::Fault;
use crate::shared::Shared;

/// The file at a path below `/app/`.
// `/app` itself redirects: there the page would look for its files in the wrong place.
pub(super) fn answer(shared: &Shared, path: Option<&str>, parts: &Parts) -> Outcome {
    let app = shared.app.as_ref().ok_or_else(|| absent(parts))?;
    let Some(path) = path else {
        let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Ok(Answer::empty(StatusCode::PERMANENT_REDIRECT).location(format!("/app/{query}")));
    };
    let missing = || Fault::new("NotFound", format!("the app has no file {path:?}")).about("path", parts.uri.path());
    let file = app.find(path).ok_or_else(missing)?;
    let answer = if is_known(&parts.headers, &file.etag) {
        Answer::empty(StatusCode::NOT_MODIFIED)
    } else {
        Answer::file(file.asset.clone())
    };
    let answer = answer
        .with(ETAG, &*file.etag)
        .with(CACHE_CONTROL, file.cache)
        .with(CONTENT_SECURITY_POLICY, POLICY)
        // Without it a browser may run a file of another type as a script.
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff");
    Ok(if file.is_compressible { answer } else { answer.uncompressed() })
}

/// The fault of every request to a server without an app.
pub(super) fn absent(parts: &Parts) -> Fault {
    let path = parts.uri.path();
    let message = format!("there is nothing at {path}; `kindstore serve --app-dir DIR` serves the web app there");
    Fault::new("NotFound", message).about("path", path)
}

/// Whether the client has this content already (RFC 9110, section 13.1.2: tags are compared weakly).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = EntityTag { text: etag.to_owned() };
    match Tags::read(headers, &IF_NONE_MATCH) {
        Ok(Some(Tags::Any)) => true,
        Ok(Some(Tags::List(tags))) => tags.iter().any(|tag| tag.opaque() == opaque.opaque()),
        // The file is sent to a client whose tags cannot be read.
        Ok(None) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_any_list_and_in_either_strength() {
        for (header, expected) in [
            ("W/\"1-a\"", true),
            ("\"1-a\"", true),
            ("\"0-b\", W/\"1-a\"", true),
            ("\"0,b\", W/\"1-a\"", true),
            ("\"0, W/1-a\"", false),
            ("*", true),
            ("\"1-b\"", false),
            ("1-a", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, header.parse().expect("a header"));
            assert_eq!(is_known(&headers, "W/\"1-a\""), expected, "{header}");
        }
        assert!(!is_known(&HeaderMap::new(), "W/\"1-a\""));
    }
}
