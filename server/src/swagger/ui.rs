//! The Swagger pages: the well-known user interface, from this binary and from nowhere else.

use std::sync::Arc;

use bytes::Bytes;
use utoipa_swagger_ui::Config;

use crate::asset::Asset;

/// The page itself.
// It is served at `/swagger` without a redirect, since some clients wait for a 200 there.
const PAGE: &str = include_str!("../../assets/swagger.html");

/// Starts the user interface with both descriptions to choose from.
const START: &str = include_str!("../../assets/swagger.js");

/// The policy for the page: it loads from this server only.
// The styles and images are the interface's own.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                                 style-src 'self' 'unsafe-inline'; font-src 'self'; base-uri 'none'; form-action 'self'; \
                                 frame-ancestors 'none'";

const FILES: [(&str, &str); 5] = [
    ("swagger-ui.css", "text/css; charset=utf-8"),
    ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("swagger-ui-standalone-preset.js", "text/javascript; charset=utf-8"),
    ("favicon-16x16.png", "image/png"),
    ("favicon-32x32.png", "image/png"),
];

/// The file of that name; the page for an empty name.
pub(crate) fn asset(name: &str) -> Option<Asset> {
    let own =
        |content_type, text: &'static str| Some(Asset { content_type, bytes: Bytes::from_static(text.as_bytes()) });
    match name {
        "" => own("text/html; charset=utf-8", PAGE),
        "start.js" => own("text/javascript; charset=utf-8", START),
        _ => {
            let (file, content_type) = FILES.iter().find(|(file, _)| *file == name)?;
            let found = utoipa_swagger_ui::serve(file, Arc::new(Config::from(""))).ok()??;
            Some(Asset { content_type, bytes: Bytes::from(found.bytes.into_owned()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_in_this_binary() {
        for name in ["", "start.js"].into_iter().chain(FILES.iter().map(|(file, _)| *file)) {
            assert!(asset(name).is_some_and(|asset| !asset.bytes.is_empty()), "{name:?}");
        }
        assert!(asset("index.html").is_none());
        for (file, _) in FILES {
            assert!(PAGE.contains(file), "the page uses {file}");
        }
    }
}
