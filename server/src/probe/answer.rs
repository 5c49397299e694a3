//! The response to a probe: `ok`, or each check on a line, or JSON for those who ask for it.

use axum::body::Body;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use kindstore::Store;
use serde_json::json;

use super::{Check, Probe};
use crate::fault::Fault;

const METHODS: &str = "GET, HEAD, OPTIONS";

/// Answers a probe, or one check of it.
///
/// # Errors
/// A method that probes do not have, and checks that there are not.
pub(crate) fn answer<B>(
    request: &Request<B>,
    (probe, only): (Probe, Option<&str>),
    store: Option<&Store>,
) -> Result<Response<Body>, Fault> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut fault = Fault::new("MethodNotAllowed", format!("a probe has the methods {METHODS}"));
        fault.allow = Some(METHODS.to_owned());
        return Err(fault);
    }
    let query: Vec<(&str, &str)> = request.uri().query().unwrap_or_default().split('&').map(member).collect();
    let excluded = query.iter().filter(|(name, _)| *name == "exclude").map(|(_, value)| *value);
    let checks = chosen(probe, probe.checks(store), only, &excluded.collect::<Vec<_>>())?;
    let accepts = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let is_json = accepts.into_iter().any(|value| value.contains("application/json"));
    let is_verbose = query.iter().any(|(name, value)| *name == "verbose" && *value != "false");
    let (media, text) = match is_json {
        true => ("application/json", document(&checks)),
        false => ("text/plain; charset=utf-8", lines(probe, &checks, is_verbose)),
    };
    let mut response = Response::new(if *request.method() == Method::HEAD { Body::empty() } else { Body::from(text) });
    if super::failing(&checks).is_empty() {
        *response.status_mut() = StatusCode::OK;
    } else {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn member(text: &str) -> (&str, &str) {
    text.split_once('=').unwrap_or((text, ""))
}

/// The checks that a request is about.
fn chosen(probe: Probe, checks: Vec<Check>, only: Option<&str>, excluded: &[&str]) -> Result<Vec<Check>, Fault> {
    // While the store is being opened there are fewer: those to come are known and fail with it.
    let known = probe.names();
    if let Some(name) = only.iter().chain(excluded).find(|name| !known.contains(name)) {
        let reason = if only.is_some() { "NotFound" } else { "BadRequest" };
        return Err(Fault::new(reason, format!("there is no check {name:?}; there are {}", known.join(", "))));
    }
    let is_open = checks.iter().any(|check| check.name != "store" || check.result.is_ok());
    let is_chosen = |check: &Check| only.is_none_or(|only| check.name == only) && !excluded.contains(&check.name);
    Ok(if is_open { checks.into_iter().filter(is_chosen).collect() } else { checks })
}

fn document(checks: &[Check]) -> String {
    let status = if super::failing(checks).is_empty() { "ok" } else { "failed" };
    let checks: Vec<_> = checks
        .iter()
        .map(|check| match &check.result {
            Ok(()) => json!({"name": check.name, "status": "ok"}),
            Err(why) => json!({"name": check.name, "status": "failed", "message": why}),
        })
        .collect();
    json!({"status": status, "checks": checks}).to_string()
}

fn lines(probe: Probe, checks: &[Check], is_verbose: bool) -> String {
    let has_failed = !super::failing(checks).is_empty();
    if !has_failed && !is_verbose {
        return "ok".to_owned();
    }
    let mut text = String::new();
    for check in checks {
        text.push_str(&match &check.result {
            Ok(()) => format!("[+]{} ok\n", check.name),
            Err(why) => format!("[-]{} failed: {why}\n", check.name),
        });
    }
    text.push_str(&format!("{} check {}\n", probe.name(), if has_failed { "failed" } else { "passed" }));
    text
}
