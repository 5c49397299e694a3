//! A call, and the choices that calls share.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use kindstore_proto::v1;

use crate::client::Client;
use crate::error::Result;

/// The namespace of calls that choose none.
pub(crate) const NAMESPACE: &str = "default";

/// A call that `.await` makes. Nothing is sent before.
#[derive(Clone)]
#[must_use = "a call is sent by `.await`"]
pub struct Call<R> {
    pub(crate) client: Client,
    pub(crate) deadline: Option<Duration>,
    pub(crate) request: R,
}

/// The future of a call.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A request that a [`Call`] sends; the requests of this module implement it.
pub trait Request: Sized + Send + 'static {
    /// The result of the call.
    type Answer;

    /// Sends the request of a call.
    #[doc(hidden)]
    fn send(call: Call<Self>) -> Answer<Self::Answer>;
}

/// A request about one namespace.
pub trait InNamespace {
    #[doc(hidden)]
    fn namespace(&mut self) -> &mut String;
}

/// A request that may ask for an earlier revision of the store.
pub trait AtRevision {
    #[doc(hidden)]
    fn revision(&mut self) -> &mut u64;
}

/// A request that selects resources.
pub trait Selects {
    #[doc(hidden)]
    fn selectors(&mut self) -> (&mut String, &mut String);
}

/// A request that is read page by page.
pub trait Pages {
    #[doc(hidden)]
    fn page_size(&mut self) -> &mut u32;
}

/// A request that may run as a dry run.
pub trait Writes {
    #[doc(hidden)]
    fn options(&mut self) -> &mut v1::WriteOptions;
}

/// A write that may demand the version that it changes.
pub trait Expects: Writes {}

/// A write with a document, whose unknown members it may refuse.
pub trait Checks: Writes {}

impl<R: Request> IntoFuture for Call<R> {
    type Output = Result<R::Answer>;
    type IntoFuture = Answer<R::Answer>;

    // Boxed, since the type of an async block has no name that an implementation could write.
    fn into_future(self) -> Self::IntoFuture {
        R::send(self)
    }
}

impl<R> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the request: its document may have secret members.
        f.debug_struct("Call").field("client", &self.client).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl<R> Call<R> {
    pub(crate) fn new(client: &Client, request: R) -> Self {
        Self { client: client.clone(), deadline: None, request }
    }

    /// Sets how long the call may take with all its repetitions, instead of the client's deadline. Of a call that reads
    /// several pages it is the deadline of each; a stream has none without it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    pub(super) fn boxed<T>(answer: impl Future<Output = Result<T>> + Send + 'static) -> Answer<T> {
        Box::pin(answer)
    }
}

impl<R: InNamespace> Call<R> {
    /// Sets the namespace, `default` without it; `None` for kinds that live in none, such as Namespace.
    pub fn namespace<'a>(mut self, namespace: impl Into<Option<&'a str>>) -> Self {
        // The interface has an empty namespace for kinds that live in none.
        *self.request.namespace() = namespace.into().unwrap_or_default().to_owned();
        self
    }
}

impl<R: AtRevision> Call<R> {
    /// Reads the store as it was at this revision; `Expired` if that is no longer kept.
    pub fn revision(mut self, revision: u64) -> Self {
        *self.request.revision() = revision;
        self
    }
}

impl<R: Selects> Call<R> {
    /// Selects by labels, in the syntax of Kubernetes: `team=web,tier in (gold,silver),!legacy`.
    pub fn label_selector(mut self, selector: impl Into<String>) -> Self {
        *self.request.selectors().0 = selector.into();
        self
    }

    /// Selects by members that the kind makes selectable: `spec.state=RUNNING`.
    pub fn field_selector(mut self, selector: impl Into<String>) -> Self {
        *self.request.selectors().1 = selector.into();
        self
    }
}

impl<R: Pages> Call<R> {
    /// Sets the most items of one page; 0 leaves it to the server.
    pub fn page_size(mut self, size: u32) -> Self {
        *self.request.page_size() = size;
        self
    }
}

impl<R: Writes> Call<R> {
    /// Runs every step but the last: the answer is that of the real write, and nothing is stored.
    pub fn dry_run(mut self) -> Self {
        self.request.options().dry_run = true;
        self
    }
}

impl<R: Expects> Call<R> {
    /// Demands that the resource has this version; `PreconditionFailed` otherwise.
    pub fn expected_version(mut self, version: u64) -> Self {
        self.request.options().expected_version = Some(version);
        self
    }

    /// Demands, with `expected_version`, that the resource has this id: one that was deleted and created again has another.
    pub fn expected_id(mut self, id: impl Into<String>) -> Self {
        self.request.options().expected_id = id.into();
        self
    }
}

impl<R: Checks> Call<R> {
    /// Sets whether members that the kind does not know are warnings (the default), problems, or ignored.
    pub fn field_validation(mut self, validation: FieldValidation) -> Self {
        self.request.options().field_validation = validation.to_message();
        self
    }
}

/// How members that the kind does not know are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// Each is a warning.
    #[default]
    Warn,
    /// Each is a problem, and the write is refused.
    Strict,
    /// They are dropped in silence.
    Ignore,
}

impl FieldValidation {
    pub(crate) fn to_message(self) -> i32 {
        let validation = match self {
            Self::Warn => v1::FieldValidation::Warn,
            Self::Strict => v1::FieldValidation::Strict,
            Self::Ignore => v1::FieldValidation::Ignore,
        };
        validation.into()
    }
}

/// Returns the kind, the namespace and the key of a new request.
pub(super) fn address(kind: &str, key: &str) -> (String, String, String) {
    (kind.to_owned(), NAMESPACE.to_owned(), key.to_owned())
}

/// The token of the next page, if there is one.
pub(super) fn token(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Gives requests the choices that they share.
macro_rules! share {
    ($trait:ident, $method:ident, $type:ty: $($request:ident),*) => {
        $(impl $trait for $request {
            fn $method(&mut self) -> &mut $type {
                &mut self.0.$method
            }
        })*
    };
}

pub(super) use share;
