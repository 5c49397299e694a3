//! The descriptions of both APIs, made from the definitions of the kinds: OpenAPI 3.1, and Swagger 2.0 for generators that
//! know no newer one.

mod batch;
mod history;
mod operation;
mod schema;
mod ui;
mod version2;

use kindstore::{Kind, Registry};
use serde_json::{Map, Value, json};

pub(crate) use self::ui::{POLICY, asset};

/// One of the two APIs under one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// Resources in the envelope of kind, apiVersion, metadata, spec and status.
    AppManager,
    /// Resources in the flat form.
    Platform,
}

/// The form of a description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    OpenApi31,
    Swagger20,
}

impl Api {
    fn title(self) -> &'static str {
        match self {
            Api::AppManager => "Application Manager",
            Api::Platform => "Ververica Platform",
        }
    }

    fn holds(self, kind: &Kind) -> bool {
        kind.flat.is_some() == (self == Api::Platform)
    }
}

/// The description of an API.
pub(crate) fn document(registry: &Registry, api: Api, form: Form) -> Value {
    let kinds = || registry.kinds().iter().filter(|kind| api.holds(kind));
    let mut paths = Map::new();
    let mut schemas = schema::errors(api);
    schemas.extend(history::shared());
    for kind in kinds() {
        paths.extend(operation::paths(kind));
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
