//! From a path to what it addresses. Routes follow from the definitions of the kinds and are listed nowhere else.

use std::borrow::Cow;
use std::sync::Arc;

use kindstore::Registry;
use kindstore::kind::{KeyScheme, Kind, Scope};
use percent_encoding::percent_decode_str;

use super::address::{Address, Collection};
use super::published;
use crate::fault::Fault;
use crate::swagger::Api;

/// The paths that belong to no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// `/`: the index.
    Index,
    /// `/api/v1/status`: whether the server is ready.
    Status,
    /// `/api/v1/status/system-info`: its version.
    SystemInfo,
    /// `/swagger.json` and `/api/swagger.json`: the description of an API.
    Description(Api),
}

const PAGES: [(&[&str], Page); 5] = [
    (&[], Page::Index),
    (&["api", "v1", "status"], Page::Status),
    (&["api", "v1", "status", "system-info"], Page::SystemInfo),
    (&["swagger.json"], Page::Description(Api::Platform)),
    (&["api", "swagger.json"], Page::Description(Api::AppManager)),
];

/// The place that a path addresses.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Page(Page),
    /// A file of the Swagger pages; the page itself has no name.
    Swagger(String),
    /// A file of the web app by its path below `/app/`, which is the page's if it is empty; none for `/app` itself.
    App(Option<String>),
    /// Several writes together.
    Batch {
        namespace: String,
    },
    /// All resources of a kind.
    Collection(Collection),
    /// One resource.
    Resource(Address),
    /// The history of one resource.
    History {
        address: Address,
        part: Part,
    },
}

/// The part of a history that a path addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `versions`: those that are kept.
    Versions,
    /// `versions/{version}`: one of them.
    Version(String),
    /// `diff`: what differs between two of them.
    Diff,
    /// `rollback`: back to one of them.
    Rollback,
    /// `undelete`: back from deletion.
    Undelete,
}

impl Place {
    /// Whether answers have the flat form of the Platform API.
    pub(super) fn is_flat(&self) -> bool {
        self.kind().is_some_and(|kind| kind.flat.is_some())
    }

    /// Returns the kind that the place is about.
    pub(super) fn kind(&self) -> Option<&Kind> {
        match self {
            Place::Page(_) | Place::Swagger(_) | Place::App(_) | Place::Batch { .. } => None,
            Place::Collection(collection) => Some(&collection.kind),
            Place::Resource(address) | Place::History { address, .. } => Some(address.kind()),
        }
    }
}

/// Returns the place that a path addresses. One slash at the end is tolerated; `%2F` is part of a segment and separates none.
pub(super) fn find(registry: &Registry, path: &str) -> Result<Place, Fault> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let segments = trimmed.split('/').skip(1).map(decode).collect::<Result<Vec<_>, _>>()?;
    let segments: Vec<&str> = segments.iter().map(|segment| &**segment).collect();
    if let Some((_, page)) = PAGES.iter().find(|(known, _)| *known == segments) {
        return Ok(Place::Page(*page));
    }
    if let ["swagger", file @ ..] = &segments[..]
        && file.len() <= 1
    {
        return Ok(Place::Swagger(file.concat()));
    }
    if let ["api", "v1", "namespaces", last] = &segments[..]
        && let Some(namespace) = last.strip_suffix(":batch").filter(|namespace| !namespace.is_empty())
    {
        return Ok(Place::Batch { namespace: namespace.to_owned() });
    }
    // First, since the name of a namespace would take the verb for its end.
    if let Some(fault) = published::unserved_verb(&segments, path) {
        return Err(fault);
    }
    if let Some(place) = resource(registry, &segments).or_else(|| app(&segments, trimmed != path)) {
        return Ok(place);
    }
    let nothing = || {
        Fault::new("NotFound", format!("there is nothing at {path}; the API begins at /api/v1 and /namespaces/v1"))
            .about("path", path)
    };
    Err(published::unserved(&segments, path).unwrap_or_else(nothing))
}

fn decode(segment: &str) -> Result<Cow<'_, str>, Fault> {
    if !segment.contains('%') {
        return Ok(Cow::Borrowed(segment));
    }
    // The decoder leaves a malformed escape as it is, and so two paths would name one resource.
    let escapes = segment.match_indices('%').map(|(at, _)| segment.get(at + 1..at + 3));
    let is_escape = |hex: Option<&str>| hex.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let fault = || Fault::new("BadRequest", format!("the path segment {segment:?} is not percent-encoded UTF-8"));
    if !escapes.into_iter().all(is_escape) {
        return Err(fault());
    }
    percent_decode_str(segment).decode_utf8().map_err(|_| fault())
}

fn resource(registry: &Registry, segments: &[&str]) -> Option<Place> {
    let (api, version, rest) = match segments {
        [api, version, rest @ ..] => (api, version, rest),
        _ => return None,
    };
    let group = format!("/{api}/{version}");
    if let ["namespaces", namespace, plural, rest @ ..] = rest
        && !namespace.is_empty()
        && let Some(kind) = registry.find_path(&group, plural).filter(|kind| kind.scope == Scope::Namespaced)
    {
        let kind = Arc::clone(kind);
        return place(Collection { kind, namespace: Some((*namespace).to_owned()) }, rest);
    }
    let (plural, rest) = rest.split_first()?;
    let kind = registry.find_path(&group, plural).filter(|kind| kind.scope == Scope::Global)?;
    place(Collection { kind: Arc::clone(kind), namespace: None }, rest)
}

/// A file of the web app.
// Slashes count there, since the files refer to each other relative to their own paths.
fn app(segments: &[&str], has_slash: bool) -> Option<Place> {
    let ["app", file @ ..] = segments else { return None };
    let is_separated = file.iter().all(|segment| !segment.contains('/'));
    is_separated.then(|| match (file, has_slash) {
        ([], false) => Place::App(None),
        ([], true) => Place::App(Some(String::new())),
        (_, false) => Place::App(Some(file.join("/"))),
        (_, true) => Place::App(Some(file.join("/") + "/")),
    })
}

fn place(collection: Collection, rest: &[&str]) -> Option<Place> {
    let (key, rest) = match (rest, collection.kind.key) {
        ([], KeyScheme::Name | KeyScheme::Id) => return Some(Place::Collection(collection)),
        (rest, KeyScheme::Singleton) => (String::new(), rest),
        ([key, rest @ ..], _) if !key.is_empty() => ((*key).to_owned(), rest),
        _ => return None,
    };
    let address = Address { collection, key };
    let part = match rest {
        [] => return Some(Place::Resource(address)),
        ["versions"] => Part::Versions,
        ["versions", version] if !version.is_empty() => Part::Version((*version).to_owned()),
        ["diff"] => Part::Diff,
        ["rollback"] => Part::Rollback,
        ["undelete"] => Part::Undelete,
        _ => return None,
    };
    Some(Place::History { address, part })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let registry = Registry::builtin().expect("the definitions load");
        let found = match find(&registry, path) {
            Ok(Place::Page(page)) => format!("{page:?}"),
            Ok(Place::Swagger(file)) => format!("swagger file {file:?}"),
            Ok(Place::App(file)) => format!("app file {file:?}"),
            Ok(Place::Batch { namespace }) => format!("a batch in {namespace:?}"),
            Ok(Place::Collection(it)) => format!("{} in {:?}", it.kind.plural, it.namespace),
            Ok(Place::Resource(it)) => {
                format!("{} {:?} in {:?}", it.kind().singular, it.key, it.collection.namespace())
            }
            Ok(Place::History { address: it, part }) => {
                format!("{part:?} of {} {:?} in {:?}", it.kind().singular, it.key, it.collection.namespace())
            }
            Err(fault) => fault.reason.word().to_owned(),
        };
        assert_eq!(found, expected, "for {path}");
    }

    #[test]
    fn paths_follow_from_the_definitions() {
        check("/api/v1/namespaces/default/deployments", r#"deployments in Some("default")"#);
        check("/api/v1/namespaces/default/deployments/", r#"deployments in Some("default")"#);
        check("/api/v1/namespaces/default/deployments/clicks", r#"deployment "clicks" in Some("default")"#);
        check("/api/v1/namespaces/a%2Fb/deployments/c%20d", r#"deployment "c d" in Some("a/b")"#);
        check("/api/v1/namespaces/default/deployment-defaults", r#"deployment-defaults "" in Some("default")"#);
        check("/namespaces/v1/namespaces", "namespaces in None");
        check("/namespaces/v1/namespaces/default", r#"namespace "default" in None"#);
        check("/api/v1/namespaces/default:batch", "a batch in \"default\"");
        let clicks = r#"of deployment "clicks" in Some("default")"#;
        for (path, part) in [
            ("versions", "Versions"),
            ("versions/3", r#"Version("3")"#),
            ("diff", "Diff"),
            ("rollback", "Rollback"),
            ("undelete/", "Undelete"),
        ] {
            check(&format!("/api/v1/namespaces/default/deployments/clicks/{path}"), &format!("{part} {clicks}"));
        }
        check(
            "/api/v1/namespaces/default/deployment-defaults/diff",
            r#"Diff of deployment-defaults "" in Some("default")"#,
        );
        check("/namespaces/v1/namespaces/default/versions/2", r#"Version("2") of namespace "default" in None"#);
        check("/", "Index");
        check("/swagger", "swagger file \"\"");
        check("/swagger/swagger-ui.css", "swagger file \"swagger-ui.css\"");
        check("/app", "app file None");
        check("/app/", "app file Some(\"\")");
        check("/app//", "app file Some(\"/\")");
        check("/app/assets/a%20b.js", "app file Some(\"assets/a b.js\")");
        check("/app/assets/", "app file Some(\"assets/\")");
        check("/app/%2e%2e/x", "app file Some(\"../x\")");
        check("/swagger.json", "Description(Platform)");
        check("/api/swagger.json", "Description(AppManager)");
        check("/api/v1/status", "Status");
        check("/api/v1/status/system-info", "SystemInfo");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in [
            "/api",
            "/api/v1",
            "/api/v1/deployments",
            "/api/v2/namespaces/default/deployments",
            "/favicon.ico",
            "/app/assets%2Fa.js",
            "/application",
            "/api/v1/namespaces/default/deployments/a/b",
            "/api/v1/namespaces/default/deployments/a/versions/1/2",
            "/api/v1/namespaces/default/deployments//",
            "/api/v1/namespaces/default/deployment-defaults/x",
            "/api/v1/namespaces/:batch",
            "/namespaces/v1/namespaces/default/x:batch",
            "//api/v1/status",
        ] {
            check(path, "NotFound");
        }
        for path in ["/api/v1/namespaces", "/api/v1/namespaces/default", "/api/v1/namespaces/default/roles/a"] {
            check(path, "NotImplemented");
        }
        check("/api/v1/namespaces/%ff/deployments", "BadRequest");
        check("/api/v1/namespaces/%4/deployments", "BadRequest");
        check("/api/v1/namespaces/%+1/deployments", "BadRequest");
    }
}
