//! Brings texts into good form. The formatter is large, seldom needed, and there may be texts on which it gives up by
//! panicking; so it is a module of its own, which takes no store down with it.

use kindstore::manifest::{Format, FormatError, Limits};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A text in good form, in this format or in the one that it is in. A failure is thrown as the text of a JSON object, as
/// those of the other module are.
#[wasm_bindgen]
pub fn format(text: &str, format: Option<String>) -> Result<String, JsValue> {
    let format = match format.as_deref() {
        None => Format::guess(text.as_bytes(), &Limits::MANY),
        Some("json") => Format::Json,
        Some("yaml") => Format::Yaml,
        Some(other) => return Err(thrown(&format!("the format is {other:?}; it is \"json\" or \"yaml\""), &[])),
    };
    kindstore::manifest::format(text, format, &Limits::MANY).map_err(|error| match error {
        FormatError::Unreadable(error) => {
            let problem = error.to_diagnostic(text);
            let mut told = serde_json::to_value(&problem).unwrap_or_default();
            told["attribute"] = problem.attribute().into();
            thrown(&error.to_string(), &[told])
        }
        other => thrown(&format!("the text {other}"), &[]),
    })
}

fn thrown(message: &str, problems: &[Value]) -> JsValue {
    let told = json!({"reason": "BadRequest", "message": message, "context": {}, "problems": problems});
    JsValue::from_str(&told.to_string())
}
