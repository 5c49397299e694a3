//! Compression of answers: for which clients, and of which answers.

use axum::Router;
use http::header::ACCEPT_ENCODING;
use http::{Extensions, HeaderMap};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Marks an answer that must not be compressed, since its length would reveal its content.
#[derive(Clone, Copy)]
pub(crate) struct Uncompressed;

/// Compresses the answers of an application for clients that ask for it.
pub(crate) fn compress(router: Router) -> Router {
    let is_free = |_, _, _: &HeaderMap, marks: &Extensions| marks.get::<Uncompressed>().is_none();
    // Below a packet or so there is nothing to save.
    let predicate = SizeAbove::new(1024).and(is_free);
    router.layer(CompressionLayer::new().gzip(true).compress_when(predicate))
}

/// Whether a client takes compressed answers.
// All others get them plain, also those that accept neither: the layer would refuse them with a body of its own, which
// is no error resource.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_gzip =
            parts.next().is_some_and(|name| ["gzip", "x-gzip", "*"].iter().any(|it| name.eq_ignore_ascii_case(it)));
        let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        is_gzip && quality.is_none_or(|quality| quality.parse::<f32>().is_ok_and(|quality| quality > 0.0))
    })
}
