//! The methods of each place: convert the request, call the store, convert the answer.

use std::sync::Arc;

use axum::body::Body;
use http::request::Parts;
use http::{HeaderName, Method, StatusCode};
use kindstore::{GetOptions, Kind, Verb, WriteOptions};

use super::accept::Media;
use super::answer::{Answer, Outcome};
use super::history::Past;
use super::query::{self, Query};
use super::route::{Part, Place};
use super::write::{after_write, location, options};
use super::{app, batch, body, condition, info, list, watch};
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
    match place {
        Place::Page(page) => Ok(info::answer(shared, *page, query.form)),
        Place::Swagger(file) => info::swagger(file),
        Place::App(path) => app::answer(shared, path.as_deref(), parts),
        Place::Batch { namespace } => batch::answer(shared, namespace, &query, parts, body, media).await,
        Place::Collection { kind, namespace } if parts.method == Method::POST => {
            let document = body::document(kind, &parts.headers, body).await?;
            let write = shared.store.create(&kind.name, namespace.as_deref(), document, options(&query, None));
            let written = shared.finish(write).await?;
            let status = if kind.flat.is_some() { StatusCode::OK } else { StatusCode::CREATED };
            Ok(after_write(kind, status, &query, &written).location(location(kind, &written)))
        }
        Place::Collection { kind, namespace } if query.watch => {
            watch::answer(shared, kind, namespace.as_deref(), None, &query, &parts.headers)
        }
        Place::Collection { kind, namespace } => list::answer(shared, kind, namespace.as_deref(), &query, media).await,
        Place::Resource { kind, namespace, key } => {
            let resource = Resource { kind, namespace: namespace.as_deref(), key };
            resource.dispatch(shared, &query, parts, body).await
        }
        Place::Past { kind, namespace, key, part } => {
            let past = Past { kind, namespace: namespace.as_deref(), key };
            past.dispatch(part, shared, &query, parts, body).await
        }
    }
}

/// Which method means which verb at a place.
fn verbs(place: &Place) -> &'static [(Verb, &'static str)] {
    match place {
        Place::Page(_) | Place::Swagger(_) | Place::App(_) | Place::Batch { .. } => &[],
        Place::Collection { .. } => &[(Verb::List, "GET, HEAD"), (Verb::Create, "POST")],
        Place::Resource { .. } => {
            &[(Verb::Get, "GET, HEAD"), (Verb::Upsert, "PUT"), (Verb::Patch, "PATCH"), (Verb::Delete, "DELETE")]
        }
        // Some kinds are replaced and never patched; a rollback is either.
        Place::Past { part: Part::Rollback, .. } => &[(Verb::Patch, "POST"), (Verb::Upsert, "POST")],
        Place::Past { part: Part::Undelete, .. } => &[(Verb::Create, "POST")],
        Place::Past { .. } => &[(Verb::Get, "GET, HEAD")],
    }
}

/// Whether a place has a method.
fn is_allowed(place: &Place, method: &Method) -> bool {
    match place {
        Place::Page(_) | Place::Swagger(_) | Place::App(_) => matches!(*method, Method::GET | Method::HEAD),
        Place::Batch { .. } => *method == Method::POST,
        Place::Collection { kind, .. } | Place::Resource { kind, .. } | Place::Past { kind, .. } => {
            let mut verbs =
                verbs(place).iter().filter(|(_, names)| names.split(", ").any(|name| name == method.as_str()));
            verbs.any(|(verb, _)| kind.allows(*verb))
        }
    }
}

/// The methods that a place has, from the verbs of its kind.
fn methods(place: &Place) -> String {
    let (kind, pairs) = match place {
        Place::Page(_) | Place::Swagger(_) | Place::App(_) => return "GET, HEAD, OPTIONS".to_owned(),
        Place::Batch { .. } => return "POST, OPTIONS".to_owned(),
        Place::Collection { kind, .. } | Place::Resource { kind, .. } | Place::Past { kind, .. } => {
            (kind, verbs(place))
        }
    };
    let allowed = pairs.iter().filter(|(verb, _)| kind.allows(*verb)).map(|(_, method)| *method);
    let mut methods: Vec<_> = allowed.chain(["OPTIONS"]).collect();
    methods.dedup();
    methods.join(", ")
}

/// The fault for a method that a place does not have: the kind's own, where the method means one of its verbs.
fn refused(place: &Place, method: &Method, methods: String) -> Fault {
    let verb = verbs(place).iter().find(|(_, names)| names.split(", ").any(|name| name == method.as_str()));
    let by_kind = match (place, verb) {
        (Place::Collection { kind, .. } | Place::Resource { kind, .. } | Place::Past { kind, .. }, Some((verb, _))) => {
            kind.require(*verb).err()
        }
        _ => None,
    };
    let general = || Fault::new("MethodNotAllowed", format!("{method} is not allowed here; allowed are {methods}"));
    let mut fault = by_kind.map_or_else(general, Fault::from);
    fault.allow = Some(methods);
    fault
}

/// One resource that a path names.
struct Resource<'a> {
    kind: &'a Arc<Kind>,
    namespace: Option<&'a str>,
    key: &'a str,
}

impl Resource<'_> {
    async fn dispatch(&self, shared: &Shared, query: &Query, parts: &Parts, body: &mut Option<Body>) -> Outcome {
        match parts.method.as_str() {
            "PUT" => self.put(shared, query, parts, body).await,
            "PATCH" => self.patch(shared, query, parts, body).await,
            "DELETE" => self.delete(shared, query, parts).await,
            _ => self.get(shared, query, parts),
        }
    }

    fn get(&self, shared: &Shared, query: &Query, parts: &Parts) -> Outcome {
        if query.watch {
            return watch::answer(shared, self.kind, self.namespace, Some(self.key), query, &parts.headers);
        }
        let options = GetOptions { reveal: query.reveal, revision: query.revision };
        let object = shared.store.get(&self.kind.name, self.namespace, self.key, options)?;
        if condition::is_known(&parts.headers, &object)? {
            let answer = Answer::empty(StatusCode::NOT_MODIFIED);
            return Ok(answer.with(http::header::ETAG, condition::etag(&object)));
        }
        let answer = Answer::resource(StatusCode::OK, self.kind, &object);
        Ok(if query.reveal { answer.uncompressed() } else { answer })
    }

    async fn put(&self, shared: &Shared, query: &Query, parts: &Parts, body: &mut Option<Body>) -> Outcome {
        let options = self.options(query, parts)?;
        let document = body::document(self.kind, &parts.headers, body).await?;
        let write = shared.store.upsert(&self.kind.name, self.namespace, self.key, document, options);
        let written = shared.finish(write).await?;
        if written.created {
            let answer = after_write(self.kind, StatusCode::CREATED, query, &written);
            return Ok(answer.location(location(self.kind, &written)));
        }
        Ok(after_write(self.kind, StatusCode::OK, query, &written))
    }

    async fn patch(&self, shared: &Shared, query: &Query, parts: &Parts, body: &mut Option<Body>) -> Outcome {
        let options = self.options(query, parts)?;
        let patch = body::patch(self.kind, &parts.headers, body).await?;
        let write = shared.store.patch(&self.kind.name, self.namespace, self.key, patch, options);
        Ok(after_write(self.kind, StatusCode::OK, query, &shared.finish(write).await?))
    }

    async fn delete(&self, shared: &Shared, query: &Query, parts: &Parts) -> Outcome {
        let options = self.options(query, parts)?;
        let write = shared.store.delete(&self.kind.name, self.namespace, self.key, options);
        Ok(after_write(self.kind, StatusCode::OK, query, &shared.finish(write).await?))
    }

    fn options(&self, query: &Query, parts: &Parts) -> Result<WriteOptions, Fault> {
        Ok(options(query, condition::expected(&parts.headers, &parts.method, self.key)?))
    }
}
