//! Watches: the changes of resources as they come, over as many calls as it takes.

use std::time::Duration;

use kindstore_proto::v1;
use tokio::time::Instant;
use tonic::Streaming;

use crate::call::{Answer, Call, InNamespace, NAMESPACE, Request, Selects};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::resource::Resource;

/// How long a server that went away is asked again.
const PATIENCE: Duration = Duration::from_secs(60);

/// A call that stood this long reached the server, even if nothing happened that the server could report.
const STANDING: Duration = Duration::from_secs(1);

impl Client {
    /// Watches the resources of a kind in a namespace: each change once, in the order of the commits.
    ///
    /// It begins now; with [`list`](Call::list), with all resources as `Added`; or after a [`cursor`](Call::cursor). The
    /// answer is a [`Watch`], which has begun: a change after it is not missed.
    ///
    /// When the server goes away the watch asks again for as long as its [`patience`](Call::patience), and goes on after the
    /// last event.
    ///
    /// # Errors
    /// `Expired` if the changes after the cursor are no longer kept: list again. `Unavailable` if the server does not come
    /// back, or went away in the middle of a list. `NotFound` if the namespace does not exist, `BadRequest` for an invalid
    /// cursor.
    pub fn watch(&self, kind: &str) -> Call<StartWatch> {
        let (kind, namespace) = (kind.to_owned(), NAMESPACE.to_owned());
        let message = v1::WatchRequest { kind, namespace, ..Default::default() };
        Call::new(self, StartWatch { message, has_bookmarks: false, patience: PATIENCE })
    }
}

/// The request of [`Client::watch`].
#[derive(Clone, Debug)]
pub struct StartWatch {
    message: v1::WatchRequest,
    has_bookmarks: bool,
    patience: Duration,
}

impl Call<StartWatch> {
    /// Watches only the resource with this name or id.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.request.message.key = key.into();
        self
    }

    /// Begins after this place: the cursor of an earlier event or watch.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.request.message.cursor = cursor.into();
        self
    }

    /// Begins with a list of the resources, as `Added` events. Not together with a cursor.
    pub fn list(mut self) -> Self {
        self.request.message.list = true;
        self
    }

    /// Reports bookmarks too: at first, after the list, and when nothing has happened for a while.
    pub fn bookmarks(mut self) -> Self {
        self.request.has_bookmarks = true;
        self
    }

    /// Sets how long a server that went away is asked again, 60 seconds by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.request.patience = patience;
        self
    }
}

/// An event of a watch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchEvent {
    /// The type of the change.
    pub change_type: ChangeType,
    /// The place of the change in the history of the store. Another watch can go on after it, unless it is one of a first
    /// list; [`Watch::cursor`] always can.
    pub cursor: String,
    /// The number of the commit.
    pub revision: u64,
    /// The resource after the change; of `Deleted`, its last state. `None` in a bookmark.
    pub resource: Option<Resource>,
}

/// The type of a change. With selectors, a resource that begins to match is `Added`, one that ceases to is `Deleted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeType {
    /// The resource is new.
    Added,
    /// The resource was changed.
    Modified,
    /// The resource was deleted.
    Deleted,
    /// No change: all changes up to here were reported.
    Bookmark,
}

/// The changes of the resources of a kind. It never ends by itself.
#[derive(Debug)]
pub struct Watch {
    client: Client,
    // Its cursor moves on with each event, so that this is always the call to make next.
    request: StartWatch,
    stream: Option<Streaming<v1::WatchResponse>>,
    /// The first event of a watch without a place to begin at, received to know that the watch has begun.
    first: Option<WatchEvent>,
    course: Course,
}

/// How far a watch has come, and how often it broke since.
#[derive(Debug, Default)]
struct Course {
    is_listing: bool,
    has_listed: bool,
    failures: u32,
    lost: Option<Instant>,
    answered: Option<Instant>,
    is_over: bool,
}

impl Watch {
    /// Returns the place up to which all changes were reported; a watch after it misses nothing. Empty in a first list.
    pub fn cursor(&self) -> &str {
        &self.request.message.cursor
    }

    /// Waits for the next event. A caller that drops the future loses none.
    ///
    /// # Errors
    /// Those of [`Client::watch`]. The watch has ended then.
    pub async fn next(&mut self) -> Result<WatchEvent> {
        loop {
            let event = match self.first.take() {
                Some(event) => event,
                None => self.receive().await?,
            };
            if event.change_type != ChangeType::Bookmark || self.request.has_bookmarks {
                return Ok(event);
            }
        }
    }

    /// Makes the call, unless one is under way, and makes it again while the server may come back.
    async fn open(&mut self) -> Result<()> {
        while self.stream.is_none() {
            if self.course.is_over {
                let message = "the watch has ended with an error; begin another one after its cursor";
                return Err(Error::new("BadRequest", message));
            }
            // Once the list is complete, the call goes on from the cursor that came with its bookmark.
            let message = v1::WatchRequest { list: self.course.is_listing, ..self.request.message.clone() };
            match self.client.stub().watch(self.client.request(message)).await {
                Ok(answer) => {
                    self.stream = Some(answer.into_inner());
                    self.course.answered = Some(Instant::now());
                }
                Err(status) => self.rest(Error::from_status(&status, false)).await?,
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<WatchEvent> {
        loop {
            self.open().await?;
            let Some(stream) = &mut self.stream else { continue };
            // A message is taken in the same poll that receives it: a caller that drops the future in `select!` loses
            // none.
            let error = match stream.message().await {
                Ok(Some(message)) => match self.take(message)? {
                    Some(event) => return Ok(event),
                    None => continue,
                },
                Ok(None) => Error::new("Unavailable", "the server ended the watch"),
                Err(status) => Error::from_status(&status, false),
            };
            self.stream = None;
            self.rest(error).await?;
        }
    }

    /// Waits before another call, or ends the watch with this error.
    async fn rest(&mut self, error: Error) -> Result<()> {
        match self.pause(&error) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => {
                self.course.is_over = true;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Returns the event of a message; `None` for a type that only later servers know.
    fn take(&mut self, message: v1::WatchResponse) -> Result<Option<WatchEvent>> {
        let course = &mut self.course;
        // Any message shows that the server is back, so that patience begins again with the next failure.
        (course.failures, course.lost) = (0, None);
        let change_type = match message.change_type() {
            v1::ChangeType::Added => Some(ChangeType::Added),
            v1::ChangeType::Modified => Some(ChangeType::Modified),
            v1::ChangeType::Deleted => Some(ChangeType::Deleted),
            v1::ChangeType::Bookmark => Some(ChangeType::Bookmark),
            v1::ChangeType::Unspecified => None,
        };
        if change_type == Some(ChangeType::Bookmark) {
            course.is_listing = false;
        }
        // Cursors of a first list stand for resources that were not reported yet; only the bookmark after it is a place
        // to go on from.
        if course.is_listing {
            course.has_listed = true;
        } else {
            self.request.message.cursor.clone_from(&message.cursor);
        }
        // A later server may report types that this version does not know.
        let Some(change_type) = change_type else { return Ok(None) };
        let resource = message.resource().map_err(|_| Error::malformed("the resource of an event"))?;
        let resource = resource.map(|resource| Resource::of(Some(resource))).transpose()?;
        Ok(Some(WatchEvent { change_type, cursor: message.cursor, revision: message.revision, resource }))
    }

    /// Returns the pause before another call; `None` if the watch ends with this error.
    fn pause(&mut self, error: &Error) -> Option<Duration> {
        let course = &mut self.course;
        let may_come_back = error.is_broken() || error.is_unavailable();
        // A list that was reported in part would be reported twice.
        let is_halfway = course.is_listing && course.has_listed;
        if !may_come_back || is_halfway {
            return None;
        }
        let now = Instant::now();
        // A quiet call may break without a message, and still the server was there.
        if course.answered.take().is_some_and(|answered| now - answered >= STANDING) {
            (course.failures, course.lost) = (0, None);
        }
        let lost = *course.lost.get_or_insert(now);
        course.failures += 1;
        let pause = self.client.retry().backoff(course.failures);
        // Counted from the first failure in a row, not by attempts: pauses grow, and their number says nothing of how
        // long the server is away.
        (now + pause <= lost + self.request.patience).then_some(pause)
    }
}

impl Request for StartWatch {
    type Answer = Watch;

    fn send(Call { client, request, .. }: Call<Self>) -> Answer<Watch> {
        Box::pin(async move {
            let course = Course { is_listing: request.message.list, ..Course::default() };
            // A watch with a place misses nothing that happens before its first message. One that begins now has no
            // place yet: should the call break before the first bookmark, the next one would begin later.
            let has_place = course.is_listing || !request.message.cursor.is_empty();
            let mut watch = Watch { client, request, stream: None, first: None, course };
            watch.open().await?;
            // Only the first answer of a watch that begins now shows where it began.
            if !has_place {
                watch.first = Some(watch.receive().await?);
            }
            Ok(watch)
        })
    }
}

impl InNamespace for StartWatch {
    fn namespace(&mut self) -> &mut String {
        &mut self.message.namespace
    }
}

impl Selects for StartWatch {
    fn selectors(&mut self) -> (&mut String, &mut String) {
        (&mut self.message.label_selector, &mut self.message.field_selector)
    }
}
