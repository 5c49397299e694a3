//! Documents from a URL on this machine. Others are refused: their content could change between a look and a write.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::failure::{Failure, Result};

/// Returns the body of a URL, of at most so many bytes.
pub(crate) fn get(url: &str, max_bytes: usize) -> Result<Vec<u8>> {
    let wrong = |why: String| Failure::refused(format!("{url} cannot be read: {why}"));
    let uri: http::Uri = url.parse().map_err(|_| Failure::usage(format!("invalid URL {url:?}")))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    // Only the literal name and loopback addresses: a name that resolves to this machine may resolve to another one
    // next time.
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if uri.scheme_str() != Some("http") || !is_here {
        return Err(Failure::usage(format!("{url}: only http:// URLs on this machine are read"))
            .hint("fetch it, look at it, then apply the file"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let answer = client.get(uri).await.map_err(|error| wrong(error.to_string()))?;
        if !answer.status().is_success() {
            return Err(wrong(format!("the server answered {}", answer.status())));
        }
        let body =
            // A body without an end must not fill the memory.
            Limited::new(answer.into_body(), max_bytes).collect().await.map_err(|error| wrong(error.to_string()))?;
        Ok(body.to_bytes().to_vec())
    })
}
