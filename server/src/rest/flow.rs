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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_list_whose_client_has_gone_does_not_wait_for_its_turn() {
        let workers = Workers::new();
        let (mut steps, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..crate::workers::MAX_WORKERS {
            let (end, ended) = channel::<()>();
            let (begun, is_begun) = tokio::sync::oneshot::channel();
            let workers = workers.clone();
            steps.push(tokio::spawn(async move { workers.run(move || (begun.send(()), ended.recv())).await }));
            is_begun.await.expect("it begins");
            ends.push(end);
        }
        // It goes with the pieces.
        let (kept, is_kept) = tokio::sync::oneshot::channel::<()>();
        let pieces = std::iter::repeat_with(move || {
            let _ = &kept;
            Ok(Bytes::new())
        });
        let body = body(workers, pieces);
        // So that it waits for its turn, and not only for its client.
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(body);
        let ended = tokio::time::timeout(Duration::from_secs(20), is_kept).await;
        assert!(ended.is_ok_and(|ended| ended.is_err()), "the pieces are still there");
        drop(ends);
        for step in steps {
            step.await.expect("it ends");
        }
    }
}
