//! Bodies that flow: a piece is made only when the client has taken an earlier one, and none when it has gone.

use axum::body::Body;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::workers::Workers;

/// How many pieces wait for a slow client.
const WAITING: usize = 1;

/// A body of pieces, each made on a thread that may block.
// When a piece cannot be made the body breaks off without its end (RFC 9112, section 8), which every client can
// distinguish from a whole one: the status was sent already.
pub(super) fn body(workers: Workers, pieces: impl Iterator<Item = kindstore::Result<Bytes>> + Send + 'static) -> Body {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(WAITING);
    tokio::spawn(send(workers, pieces, sender));
    Body::from_stream(ReceiverStream::new(receiver))
}

async fn send(
    workers: Workers,
    mut pieces: impl Iterator<Item = kindstore::Result<Bytes>> + Send + 'static,
    sender: mpsc::Sender<Result<Bytes, std::io::Error>>,
) {
    let broken = || Err(std::io::Error::other("the list could not be read"));
    loop {
        // Waiting comes before the work, so that a slow client keeps no thread, and one that has gone has no work done.
        let Ok(place) = sender.reserve().await else { return };
        let next = tokio::select! {
            biased;
            // Clients may go faster than their turn comes.
            () = sender.closed() => return,
            next = workers.run(move || (pieces.next(), pieces)) => next,
        };
        match next {
            Some((Some(Ok(piece)), rest)) => {
                place.send(Ok(piece));
                pieces = rest;
            }
            Some((Some(Err(error)), _)) => {
                tracing::error!(%error, "a list breaks off");
                return place.send(broken());
            }
            Some((None, _)) => return,
            // It panicked, or the server stops.
            None => return place.send(broken()),
        }
    }
}
