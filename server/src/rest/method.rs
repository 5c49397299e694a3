//! The methods of each place: convert the request, call the store, convert the answer.

use axum::body::Body;
use http::request::Parts;
use http::{HeaderName, Method, StatusCode};
use kindstore::kind::Verb;
use kindstore::{GetOptions, WriteOptions};

use super::accept::Media;
use super::address::{Address, Collection};
use super::answer::{Answer, Outcome};
use super::input::Input;
use super::query::{self, Query};
use super::route::{Part, Place};
use super::write::{after_write, location, options};
use super::{app, batch, body, condition, history, info, list, watch};
use crate::fault::Fault;
use crate::shared::Shared;

pub(super) async fn dispatch(
    shared: &Shared,
    place: &Place,
    media: Media,
    parts: &Parts,
    body: &mut Option<Body>,
) -> Outcome {
    if matches!(place, Place::App(_)) && shared.app.is_none() {
        return Err(app::absent(parts));
    }
    if parts.method == Method::OPTIONS {
        let methods = methods(place);
        let answer = Answer::empty(StatusCode::NO_CONTENT).allow(&methods);
        let patch = HeaderName::from_static("accept-patch");
        return Ok(if methods.contains("PATCH") { answer.with(patch, body::PATCHES) } else { answer });
    }
    if !is_allowed(place, &parts.method) {
        return Err(refused(place, &parts.method, methods(place)));
    }
    // The query of a page of the app belongs to its scripts.
    let query = if matches!(place, Place::App(_)) { Query::default() } else { query::parse(parts.uri.query())? };
    if !has_tag(place) {
        condition::check_without_tag(&parts.headers, &parts.method)?;
    }
    let input = Input { shared, query: &query, parts, media };
    match place {
        Place::Page(page) => Ok(info::answer(shared, *page, query.form)),
        Place::Swagger(file) => info::swagger(file),
        Place::App(path) => app::answer(shared, path.as_deref(), parts),
        Place::Batch { namespace } => batch::answer(input, namespace, body).await,
        Place::Collection(collection) if parts.method == Method::POST => create(input, collection, body).await,
        Place::Collection(collection) if query.watch => watch::answer(input, collection, None),
        Place::Collection(collection) => list::answer(input, collection).await,
        Place::Resource(address) => match parts.method.as_str() {
            "PUT" => put(input, address, body).await,
            "PATCH" => patch(input, address, body).await,
            "DELETE" => delete(input, address, body).await,
            _ if query.watch => watch::answer(input, &address.collection, Some(&address.key)),
            _ => get(input, address).await,
        },
        Place::History { address, part } => history::answer(input, address, part, body).await,
    }
}

/// Whether conditions are about a resource, or about a file, each of which has an ETag.
fn has_tag(place: &Place) -> bool {
    match place {
        Place::Resource(_) | Place::App(_) => true,
        Place::History { part, .. } => matches!(part, Part::Rollback | Part::Undelete),
        Place::Page(_) | Place::Swagger(_) | Place::Batch { .. } | Place::Collection(_) => false,
    }
}

/// Which method means which verb at a place.
fn verbs(place: &Place) -> &'static [(Verb, &'static str)] {
    match place {
        Place::Page(_) | Place::Swagger(_) | Place::App(_) | Place::Batch { .. } => &[],
        Place::Collection(_) => &[(Verb::List, "GET, HEAD"), (Verb::Create, "POST")],
        Place::Resource(_) => {
            &[(Verb::Get, "GET, HEAD"), (Verb::Upsert, "PUT"), (Verb::Patch, "PATCH"), (Verb::Delete, "DELETE")]
        }
        // Some kinds are replaced and never patched; a rollback is either.
        Place::History { part: Part::Rollback, .. } => &[(Verb::Patch, "POST"), (Verb::Upsert, "POST")],
        Place::History { part: Part::Undelete, .. } => &[(Verb::Create, "POST")],
        Place::History { .. } => &[(Verb::Get, "GET, HEAD")],
    }
}

/// Whether a place has a method.
fn is_allowed(place: &Place, method: &Method) -> bool {
    match place {
        Place::Page(_) | Place::Swagger(_) | Place::App(_) => matches!(*method, Method::GET | Method::HEAD),
        Place::Batch { .. } => *method == Method::POST,
        _ => {
            let mut verbs =
                verbs(place).iter().filter(|(_, names)| names.split(", ").any(|name| name == method.as_str()));
            place.kind().is_some_and(|kind| verbs.any(|(verb, _)| kind.allows(*verb)))
        }
    }
}

/// The methods that a place has, from the verbs of its kind.
fn methods(place: &Place) -> String {
    let kind = match (place, place.kind()) {
        (Place::Batch { .. }, _) => return "POST, OPTIONS".to_owned(),
        (_, Some(kind)) => kind,
        (_, None) => return "GET, HEAD, OPTIONS".to_owned(),
    };
    let allowed = verbs(place).iter().filter(|(verb, _)| kind.allows(*verb)).map(|(_, method)| *method);
    let mut methods: Vec<_> = allowed.chain(["OPTIONS"]).collect();
    methods.dedup();
    methods.join(", ")
}

/// The fault for a method that a place does not have: the kind's own, where the method means one of its verbs.
fn refused(place: &Place, method: &Method, methods: String) -> Fault {
    let verb = verbs(place).iter().find(|(_, names)| names.split(", ").any(|name| name == method.as_str()));
    let by_kind = place.kind().zip(verb).and_then(|(kind, (verb, _))| kind.require(*verb).err());
    let general = || Fault::new("MethodNotAllowed", format!("{method} is not allowed here; allowed are {methods}"));
    let mut fault = by_kind.map_or_else(general, Fault::from);
    fault.allow = Some(methods);
    fault
}

async fn create(input: Input<'_>, collection: &Collection, body: &mut Option<Body>) -> Outcome {
    let (kind, Input { shared, query, parts, .. }) = (&collection.kind, input);
    let document = body::document(kind, &parts.headers, body).await?;
    let write = collection.of(&shared.store)?.create(document).options(options(query, None)).submit();
    let written = shared.finish(write).await?;
    // The published Platform API answers 200 to a create, and its clients check for that.
    let status = if kind.flat.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok(after_write(kind, status, query, &written).location(location(kind, &written)))
}

async fn get(Input { shared, query, parts, .. }: Input<'_>, address: &Address) -> Outcome {
    let options = GetOptions::default().reveal(query.reveal).revision(query.revision);
    let collection = address.collection.of(&shared.store)?;
    let object = if query.revision.is_none() {
        collection.get_with(&address.key, options)?
    } else {
        // On a thread that may block: many resources can have had the name since then.
        let key = address.key.clone();
        let read = tokio::task::spawn_blocking(move || collection.get_with(&key, options));
        read.await.map_err(|_| Fault::new("Internal", "the resource could not be read"))??
    };
    condition::check_read(&parts.headers, &address.key, &object)?;
    let answer = match condition::is_known(&parts.headers, &object)? {
        true => Answer::empty(StatusCode::NOT_MODIFIED).with(http::header::ETAG, condition::etag(&object)),
        false => Answer::resource(StatusCode::OK, address.kind(), &object),
    };
    Ok(if query.reveal { answer.uncompressed().unstored() } else { answer })
}

async fn put(input: Input<'_>, address: &Address, body: &mut Option<Body>) -> Outcome {
    let (kind, Input { shared, query, parts, .. }) = (address.kind(), input);
    let options = expecting(input, address)?;
    let document = body::document(kind, &parts.headers, body).await?;
    let write = address.collection.of(&shared.store)?.upsert(&address.key, document).options(options).submit();
    let written = shared.finish(write).await?;
    if written.created {
        let answer = after_write(kind, StatusCode::CREATED, query, &written);
        return Ok(answer.location(location(kind, &written)));
    }
    Ok(after_write(kind, StatusCode::OK, query, &written))
}

async fn patch(input: Input<'_>, address: &Address, body: &mut Option<Body>) -> Outcome {
    let (kind, Input { shared, query, parts, .. }) = (address.kind(), input);
    let options = expecting(input, address)?;
    let patch = body::patch(kind, &parts.headers, body).await?;
    let write = address.collection.of(&shared.store)?.patch(&address.key, patch).options(options).submit();
    Ok(after_write(kind, StatusCode::OK, query, &shared.finish(write).await?))
}

async fn delete(input: Input<'_>, address: &Address, body: &mut Option<Body>) -> Outcome {
    let (kind, Input { shared, query, parts, .. }) = (address.kind(), input);
    let options = expecting(input, address)?;
    body::check_unused(&parts.headers, body).await?;
    let write = address.collection.of(&shared.store)?.delete(&address.key).options(options).submit();
    Ok(after_write(kind, StatusCode::OK, query, &shared.finish(write).await?))
}

/// The options of a write, with the version that its headers demand.
fn expecting(Input { query, parts, .. }: Input<'_>, address: &Address) -> Result<WriteOptions, Fault> {
    Ok(options(query, condition::expected(&parts.headers, &address.key)?))
}
