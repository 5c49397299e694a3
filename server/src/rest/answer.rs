//! From an answer of the store to an HTTP response.

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, VARY, WARNING,
};
use http::{Response, StatusCode};
use kindstore::kind::Kind;
use kindstore::manifest::{Format, Limits, to_yaml};
use kindstore::{Diagnostic, Json, List, Object};

use super::accept::Media;
use super::condition;
use crate::asset::Asset;
use crate::compression::Uncompressed;
use crate::envelope;
use crate::fault::Fault;

/// The result of a handler.
pub(super) type Outcome = Result<Answer, Fault>;

/// The most warnings that an answer carries, and the most bytes of them.
// Proxies refuse headers beyond about 8 KiB, which the warnings share with all others.
const MAX_WARNINGS: usize = 20;
const MAX_WARNING_BYTES: usize = 4096;

/// The answer of a handler.
pub(super) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    content: Content,
    /// Whether the answer may be compressed.
    compressed: bool,
}

enum Content {
    None,
    /// A document with its members in order, and the JSON text when that costs nothing.
    Document(String),
    /// The same, written as YAML.
    Yaml(String),
    /// A file in its own form.
    File(Asset),
    /// Text of unknown length, as it comes, and its media type.
    Flowing(Body, &'static str),
}

impl Answer {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), content: Content::None, compressed: true }
    }

    /// An answer with this document, given as JSON text.
    pub(super) fn json(status: StatusCode, text: String) -> Self {
        Self { status, headers: Vec::new(), content: Content::Document(text), compressed: true }
    }

    /// An answer with a file, in whichever form the client likes best.
    pub(super) fn file(asset: Asset) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), content: Content::File(asset), compressed: true }
    }

    /// An answer with one resource.
    pub(super) fn resource(status: StatusCode, kind: &Kind, object: &Object) -> Self {
        let text = match &kind.flat {
            None => object.to_json(),
            Some(flat) => wrapped(&flat.one, kind.document(object)),
        };
        Self::json(status, text).with(ETAG, condition::etag(object))
    }

    /// An answer with a list, or with a page of one and where the next one begins.
    pub(super) fn list(kind: &Kind, list: &List, next: Option<&str>) -> Self {
        let text = match &kind.flat {
            None => begin(kind, list, next) + "]}",
            Some(flat) => {
                let items = list.items.iter().map(|object| kind.document(object)).collect();
                wrapped(&flat.many, Json::Array(items))
            }
        };
        Self::json(StatusCode::OK, text)
    }

    /// An answer with JSON text that comes piece by piece.
    pub(super) fn flowing(body: Body) -> Self {
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            content: Content::Flowing(body, Media::Json.content_type()),
            compressed: true,
        }
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
            self.content = Content::Yaml(yaml(text));
        }
        self
    }

    /// The response in the form that the client likes best.
    pub(super) fn render(self, media: Media) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        if !self.compressed {
            response.extensions_mut().insert(Uncompressed);
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
            (Content::Document(text), Media::Yaml) => (media.content_type(), Bytes::from(yaml(&text))),
            (Content::Yaml(text), _) => (Media::Yaml.content_type(), Bytes::from(text)),
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

/// JSON text of ours as YAML, the envelope in its order.
pub(super) fn yaml(text: &str) -> String {
    // A list may nest deeper than a document that comes in, and hold more.
    let limits = Limits::default().bytes(1 << 30).depth(160).nodes(1 << 30);
    let document = kindstore::manifest::read(text.as_bytes(), Format::Json, &limits)
        .expect("answers are JSON within these limits");
    let value = document.value;
    if value.get("kind").is_none() { to_yaml(&value) } else { envelope::to_yaml(&value) }
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

/// The text of a list up to the end of its items. A page that is not the last one has the token of the next.
pub(super) fn begin(kind: &Kind, list: &List, next: Option<&str>) -> String {
    let next = next.map(|token| format!(",\"continue\":\"{token}\"")).unwrap_or_default();
    let mut text = String::with_capacity(list.items.iter().map(Object::size).sum::<usize>() + 256);
    text.push_str(&format!(
        "{{\"kind\":\"{}\",\"apiVersion\":\"{}\",\"metadata\":{{\"revision\":{}{next}}},\"items\":[",
        kind.list_kind(),
        kind.api_version,
        list.revision
    ));
    for (index, object) in list.items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        object.write_json(&mut text);
    }
    text
}
