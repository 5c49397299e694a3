//! The descriptions of both APIs, made from the definitions of the kinds: OpenAPI 3.1, and Swagger 2.0 for generators that
//! know no newer one.

mod api;
mod batch;
mod history;
mod operation;
mod path;
mod schema;
mod ui;
mod version2;

use kindstore::Registry;
use serde_json::{Map, Value, json};

pub(crate) use self::api::{Api, Form};
pub(crate) use self::ui::{POLICY, asset};

/// The description of an API.
pub(crate) fn document(registry: &Registry, api: Api, form: Form) -> Value {
    let kinds = || registry.kinds().iter().filter(|kind| api.holds(kind));
    let mut paths = Map::new();
    let mut schemas = schema::errors(api);
    schemas.extend(history::shared());
    for kind in kinds() {
        paths.extend(operation::paths(kind));
        paths.extend(history::paths(kind, &path::resource(kind)));
        schemas.extend(schema::of_kind(kind));
        schemas.extend(history::of_kind(kind));
    }
    if api == Api::AppManager {
        paths.extend(operation::pages());
        paths.extend(batch::paths());
        schemas.extend(schema::of_pages());
        schemas.extend(batch::schemas());
    }
    let tags: Vec<_> = kinds().map(|kind| json!({"name": kind.name, "description": kind.description})).collect();
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": api.title(),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every error is answered as a resource with a string message. Members that are read-only are \
                            ignored in requests.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {"schemas": schemas},
    });
    match form {
        Form::OpenApi31 => document,
        Form::Swagger20 => version2::convert(document),
    }
}
