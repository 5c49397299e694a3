//! The changes of a kind as they come, from a server or from a folder.

use std::time::{Duration, Instant};

use kindstore::{ChangeType, WatchEvent, WatchFrom, WatchOptions};
use kindstore_proto::v1;
use kindstore_proto::v1::resource_service_client::ResourceServiceClient;
use tonic::Request;

use super::access::{From, Listener, Told, Watching};
use super::failure::{Exit, Failure, Result};
use super::local::Local;
use super::message;
use super::remote::Remote;

/// How long to wait before a server that went away is asked again.
const PAUSE: Duration = Duration::from_millis(500);

impl Remote {
    /// Tells all that a server tells. When the server goes away it is asked again, and goes on where it was.
    pub(super) fn follow(&self, watching: &Watching, tell: &mut Listener<'_>) -> Result<()> {
        let (mut watching, mut lost, mut is_listing) = (watching.clone(), None, watching.from == From::List);
        loop {
            let (asked, mut next) = (watching.clone(), None);
            let failure = match self.stream(&asked, &mut |told| {
                is_listing &= told.word != "BOOKMARK";
                if !is_listing {
                    lost = None;
                    next = Some(From::After(told.cursor.clone()));
                }
                tell(told)
            }) {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            watching.from = next.unwrap_or(watching.from);
            let since = *lost.get_or_insert_with(Instant::now);
            let may_come_back = failure.exit == Exit::Unavailable || failure.reason == message::LOST;
            // A list that was told in part would be told twice.
            if !may_come_back || is_listing || watching.from == From::Now || since.elapsed() > self.patience() {
                return Err(failure);
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn stream(&self, watching: &Watching, tell: &mut Listener<'_>) -> Result<()> {
        let Watching { kind, namespace, key, selection, from } = watching;
        let request = v1::WatchRequest {
            kind: kind.name.clone(),
            namespace: namespace.clone().unwrap_or_default(),
            key: key.clone(),
            label_selector: selection.labels().to_owned(),
            field_selector: selection.fields().to_owned(),
            cursor: if let From::After(cursor) = from { cursor.clone() } else { String::new() },
            list: *from == From::List,
            bookmark_seconds: 0,
        };
        self.wait(async {
            let mut client =
                ResourceServiceClient::new(self.channel()).max_decoding_message_size(super::remote::MAX_MESSAGE);
            let mut stream = client.watch(Request::new(request)).await.map_err(message::failure)?.into_inner();
            while let Some(response) = stream.message().await.map_err(message::failure)? {
                let unreadable = || Failure::refused("the server's answer cannot be read");
                let word = match response.change_type() {
                    v1::ChangeType::Added => ChangeType::Added.word(),
                    v1::ChangeType::Modified => ChangeType::Modified.word(),
                    v1::ChangeType::Deleted => ChangeType::Deleted.word(),
                    v1::ChangeType::Bookmark => "BOOKMARK",
                    // A later server may tell of more.
                    v1::ChangeType::Unspecified => continue,
                };
                let resource = response.resource().map_err(|_| unreadable())?;
                let object = resource.map(|resource| message::object(Some(resource))).transpose()?;
                if tell(&Told { word, cursor: response.cursor, object })?.is_break() {
                    return Ok(());
                }
            }
            Err(Failure::new("Unavailable", "the server ended the watch"))
        })
    }
}

impl Local {
    /// Tells all that happened in a folder. Nobody else writes there while it is open, so that it ends.
    pub(super) fn follow(&self, watching: &Watching, tell: &mut Listener<'_>) -> Result<()> {
        let Watching { kind, namespace, key, selection, from } = watching;
        let selected = self.selected(kind, selection)?;
        let from = match from {
            From::Now => WatchFrom::Now,
            From::List => WatchFrom::List,
            From::After(cursor) => WatchFrom::After(cursor.parse().map_err(|_| Failure::usage("no cursor"))?),
        };
        let key = Some(key.clone()).filter(|key| !key.is_empty());
        let options = WatchOptions { from, key, labels: selected.labels, fields: selected.fields };
        let mut watch = self.store.watch(&kind.name, namespace.as_deref(), options)?;
        while let Some(event) = watch.try_next()? {
            let cursor = event.cursor().to_string();
            let told = match event {
                WatchEvent::Bookmark(_) => Told { word: "BOOKMARK", cursor, object: None },
                WatchEvent::Change(change) => {
                    Told { word: change.change_type.word(), cursor, object: Some(change.object().clone()) }
                }
            };
            if tell(&told)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
