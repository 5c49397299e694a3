//! `POST .../namespaces/{namespace}:batch`: several writes as one, all or nothing.

mod operation;

use axum::body::Body;
use http::StatusCode;
use kindstore::manifest::Limits;
use kindstore::{Document, Store, WriteOutcome};

use super::accept::Media;
use super::answer::{Answer, Outcome};
use super::body::{self, MAX_BATCH_BODY};
use super::failure;
use super::input::Input;
use super::write::DRY_RUN;
use crate::batch::{self, MAX_NODES};
use crate::budget;
use crate::document::unreadable;
use crate::fault::Fault;

/// Reads the operations of a body, does them together, and answers what each of them did.
pub(super) async fn answer(input: Input<'_>, namespace: &str, body: &mut Option<Body>) -> Outcome {
    let Input { shared, query, parts, media } = input;
    let (text, form) = body::batch(&parts.headers, body).await?;
    let (store, wait, namespace) = (shared.store.clone(), shared.write_wait(), namespace.to_owned());
    let (is_dry_run, choices) = (query.dry_run, query.clone());
    let size = text.len();
    batch::reserve(size, || budget::size_of_values(&text, form.format(), MAX_NODES)).await?;
    let work = move || -> Outcome {
        let document = parse(&text, form)?;
        drop(text);
        let (words, operations) = operation::read(document, &choices)?;
        let written = store.transaction(&namespace).operations(operations).dry_run(is_dry_run).wait_for(wait)?;
        Ok(result(&store, &words, &written).written(media))
    };
    let answer = shared.turns.run(size, work).await??;
    Ok(if query.dry_run { answer.with(DRY_RUN, "true") } else { answer })
}

/// The document of a body.
// An error never quotes the text: what cannot be read has no kinds yet, and any of its documents may hold a secret.
fn parse(text: &[u8], form: Media) -> Result<Document, Fault> {
    let limits = Limits::default().bytes(MAX_BATCH_BODY).nodes(MAX_NODES);
    kindstore::manifest::read(text, form.format(), &limits).map_err(|error| unreadable(error, true))
}

fn result(store: &Store, words: &[&'static str], written: &[WriteOutcome]) -> Answer {
    let revision = batch::revision(written);
    let metadata = revision.map_or_else(|| "{}".to_owned(), |revision| format!(r#"{{"revision":{revision}}}"#));
    let mut text = format!(r#"{{"kind":"BatchResult","apiVersion":"v1","metadata":{metadata},"items":["#);
    for (index, (word, written)) in words.iter().zip(written).enumerate() {
        if index > 0 {
            text.push(',');
        }
        item(store, word, written, &mut text);
    }
    text.push_str("]}");
    Answer::json(StatusCode::OK, text)
}

fn item(store: &Store, word: &str, written: &WriteOutcome, text: &mut String) {
    let word = match (word, written.created, written.changed) {
        ("delete", ..) => "deleted",
        (_, true, _) => "created",
        (_, false, true) => "configured",
        (_, false, false) => "unchanged",
    };
    let object = &written.object;
    let flat = store.registry().find(&object.kind).filter(|kind| kind.flat.is_some());
    let resource = flat.map_or_else(|| object.to_json(), |kind| kind.document(object).to_text());
    text.push_str(&format!(r#"{{"operation":"{word}","resource":{resource}"#));
    if !written.warnings.is_empty() {
        let warnings: serde_json::Value = written.warnings.iter().map(failure::error).collect();
        text.push_str(&format!(r#","warnings":{warnings}"#));
    }
    text.push('}');
}
