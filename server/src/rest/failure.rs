//! From a fault to the error resource that REST answers: ApiException, ApiValidationException, or the flat form of the
//! Platform API.

use axum::body::Body;
use http::Response;
use http::header::{ALLOW, RETRY_AFTER};
use kindstore::{Diagnostic, Json};
use serde_json::json;

use super::accept::Media;
use super::answer::Answer;
use crate::fault::Fault;

/// The response for a fault.
pub(super) fn render(fault: &Fault, media: Media, is_flat: bool) -> Response<Body> {
    let document = if is_flat { flat(fault) } else { exception(fault) };
    let mut answer = Answer::json(fault.reason.http(), document);
    if let Some(allow) = &fault.allow {
        answer = answer.with(ALLOW, allow.clone());
    }
    if let Some(wait) = fault.retry_after {
        answer = answer.with(RETRY_AFTER, wait.as_secs().max(1).to_string());
    }
    answer.render(media)
}

/// The text that clients of every API version parse: an object with a string `message`.
pub(crate) fn exception(fault: &Fault) -> String {
    let is_invalid = !fault.problems.is_empty();
    let kind = if is_invalid { "ApiValidationException" } else { "ApiException" };
    let mut text = format!("{{\"kind\":\"{kind}\",\"apiVersion\":\"v1\",\"message\":{}", quoted(&fault.message));
    text.push_str(&format!(",\"reason\":\"{}\",\"statusCode\":{}", fault.reason.word(), fault.reason.http().as_u16()));
    if is_invalid {
        text.push_str(&format!(",\"errors\":{}", errors(fault)));
    }
    if !fault.context.is_empty() {
        let members = fault.context.iter().map(|(name, value)| ((*name).to_owned(), Json::from(value.as_str())));
        text.push_str(&format!(",\"context\":{}", Json::Object(members.collect()).to_text()));
    }
    text.push('}');
    text
}

fn errors(fault: &Fault) -> serde_json::Value {
    fault.problems.iter().map(error).collect()
}

/// A problem as an entry of a list.
pub(super) fn error(problem: &Diagnostic) -> serde_json::Value {
    let mut entry =
        json!({"attribute": problem.attribute(), "message": problem.advice(), "reason": problem.code.as_str()});
    if let Some(span) = problem.span {
        entry["line"] = json!(span.start.line);
        entry["column"] = json!(span.start.column);
    }
    entry
}

fn flat(fault: &Fault) -> String {
    let code = fault.reason.platform_code();
    json!({
        "code": code, "description": fault.message, "cause": null, "ok": false,
        "message": fault.message, "reason": fault.reason.word(), "errors": errors(fault),
    })
    .to_string()
}

fn quoted(text: &str) -> String {
    Json::from(text).to_text()
}
