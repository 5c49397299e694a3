//! From an answer of the store to an HTTP response.

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, VARY, WARNING,
};
use http::{Response, StatusCode};
use kindstore::kind::Kind;
use kindstore::{Diagnostic, Json, Object};

use super::accept::Media;
use super::condition;
use crate::asset::Asset;
use crate::compression::Uncompressed;
use crate::envelope;
use crate::fault::Fault;
use crate::follow::IsWatch;

/// The result of a handler.
pub(super) type Outcome = Result<Answer, Fault>;

/// The most warnings that an answer carries, and the most bytes of them.
// Proxies refuse headers beyond about 8 KiB, which the warnings share with all others.
const MAX_WARNINGS: usize = 20;
const MAX_WARNING_BYTES: usize = 4096;

/// How many bytes of a document are written as YAML on the task itself.
const INLINE_YAML: usize = 64 << 10;

/// The answer of a handler.
pub(super) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    content: Content,
    /// Whether the answer may be compressed.
    compressed: bool,
    is_watch: bool,
}

enum Content {
    None,
    /// A document with its members in order, and the JSON text when that costs nothing.
    Document(String),
    /// Text and its media type.
    Text(String, &'static str),
    /// A file in its own form.
    File(Asset),
    /// Text of unknown length, as it comes, and its media type.
    Flowing(Body, &'static str),
}

impl Answer {
    fn of(status: StatusCode, content: Content) -> Self {
        Self { status, headers: Vec::new(), content, compressed: true, is_watch: false }
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Self::of(status, Content::None)
    }

    /// An answer with this document, given as JSON text.
    pub(super) fn json(status: StatusCode, text: String) -> Self {
        Self::of(status, Content::Document(text))
    }

    /// An answer with a file, in whichever form the client likes best.
    pub(super) fn file(asset: Asset) -> Self {
        Self::of(StatusCode::OK, Content::File(asset))
    }

    /// An answer with one resource.
    pub(super) fn resource(status: StatusCode, kind: &Kind, object: &Object) -> Self {
        let text = match &kind.flat {
            None => object.to_json(),
            Some(flat) => wrapped(&flat.one, kind.document(object)),
        };
        Self::json(status, text).with(ETAG, condition::etag(object))
    }

    /// An answer with text in the form that its client takes.
    pub(super) fn text(status: StatusCode, text: String, media_type: &'static str) -> Self {
        Self::of(status, Content::Text(text, media_type))
    }

    /// An answer with JSON text that comes piece by piece.
    pub(super) fn flowing(body: Body) -> Self {
        Self::of(StatusCode::OK, Content::Flowing(body, Media::Json.content_type()))
    }

    /// The same answer, if it comes piece by piece, with this media type.
    pub(super) fn of_type(mut self, media_type: &'static str) -> Self {
        if let Content::Flowing(_, kept) = &mut self.content {
            *kept = media_type;
        }
        self
    }

    /// The same answer, never compressed.
    pub(super) fn uncompressed(mut self) -> Self {
        self.compressed = false;
        self
    }

    /// The same answer, as that of a watch.
    pub(super) fn watching(mut self) -> Self {
        self.is_watch = true;
        self
    }

    /// The same answer, which no cache keeps, not even that of a browser.
    pub(super) fn unstored(self) -> Self {
        self.with(CACHE_CONTROL, "no-store")
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn allow(self, methods: &str) -> Self {
        self.with(ALLOW, methods)
    }

    pub(super) fn location(self, path: String) -> Self {
        self.with(LOCATION, path)
    }

    /// Adds what was remarked about a document, as `Warning: 299` headers in ASCII.
    pub(super) fn warnings(mut self, warnings: &[Diagnostic]) -> Self {
        let mut left = MAX_WARNING_BYTES;
        for warning in warnings.iter().take(MAX_WARNINGS) {
            let text = format!("299 - \"{}\"", ascii(&warning.to_string()));
            if text.len() > left {
                break;
            }
            left -= text.len();
            self.headers.push((WARNING, text));
        }
        self
    }

    /// The same answer with its document in this form already, for those who are on a thread that may take its time.
    pub(super) fn written(mut self, media: Media) -> Self {
        if let (Content::Document(text), Media::Yaml) = (&self.content, media) {
            self.content = Content::Text(envelope::text_to_yaml(text), media.content_type());
        }
        self
    }

    /// The same answer, written on a thread that may block where that takes longer than a task may.
    pub(super) async fn written_apart(self, media: Media) -> Self {
        match &self.content {
            Content::Document(text) if media == Media::Yaml && text.len() > INLINE_YAML => {
                let status = self.status;
                let written = tokio::task::spawn_blocking(move || self.written(media)).await;
                // The server is being stopped.
                written.unwrap_or_else(|_| Self::empty(status))
            }
            _ => self,
        }
    }

    /// The response in the form that the client likes best.
    pub(super) fn render(self, media: Media) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        if !self.compressed {
            response.extensions_mut().insert(Uncompressed);
        }
        if self.is_watch {
            response.extensions_mut().insert(IsWatch);
        }
        let headers = response.headers_mut();
        // A cache must keep the forms of an answer apart (RFC 9110, section 12.5.5).
        headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
        for (name, value) in self.headers {
            // A value with a control character is dropped: a document must not be able to add a header.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(name, value);
            }
        }
        let (content_type, bytes) = match (self.content, media) {
            (Content::None, _) => return response,
            (Content::Document(text), Media::Json) => (media.content_type(), Bytes::from(text)),
            (Content::Document(text), Media::Yaml) => {
                (media.content_type(), Bytes::from(envelope::text_to_yaml(&text)))
            }
            (Content::Text(text, content_type), _) => (content_type, Bytes::from(text)),
            (Content::Flowing(body, content_type), _) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
                *response.body_mut() = body;
                return response;
            }
            (Content::File(asset), _) => (asset.content_type, asset.bytes),
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        *response.body_mut() = Body::from(bytes);
        response
    }
}

/// The response to HEAD: all of the response to GET but the body.
pub(super) fn without_body(response: Response<Body>) -> Response<Body> {
    // The headers stay, Content-Length included (RFC 9110, section 9.3.2).
    response.map(|_| Body::empty())
}

fn wrapped(name: &str, value: Json) -> String {
    Json::Object([(name.to_owned(), value)].into()).to_text()
}

/// Text for a header: ASCII, with what is not escaped.
// Bytes beyond ASCII are read as Latin-1 by some clients and refused by others (RFC 9110, section 5.5).
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            other => out.extend(other.escape_unicode()),
        }
    }
    out
}
