//! The calls that need no store, each with whatever people may hand in.

use std::fmt::Write;

use kindstore::Registry;
use kindstore::manifest::{Format, FormatError, Limits};
use kindstore_wasm::call::{editor, judge, kinds, patch as patches, simulate, text};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::patch;
use crate::record::Record;
use crate::source::Sources;
use crate::spelling::{damage, written};

const FORMATS: [&str; 2] = [r#""format":"yaml""#, r#""format":"json""#];
const JUDGING: [&str; 8] = [
    r#""format":"yaml""#,
    r#""format":"json""#,
    r#""namespace":"shops""#,
    r#""fieldValidation":"strict""#,
    r#""fieldValidation":"ignore""#,
    r#""namespace":"default","fieldValidation":"strict""#,
    r#""defaults":"a: [""#,
    r#""defaults":"kind: DeploymentDefaults\nspec: {template: {spec: {parallelism: 7}}}""#,
];
const SIMULATING: [&str; 10] = [
    r#""type":"json""#,
    r#""type":"merge""#,
    r#""kind":"Deployment""#,
    r#""namespace":"shops""#,
    r#""now":1714550400123456"#,
    r#""now":-9223372036854775808"#,
    r#""plainSecrets":true"#,
    r#""expectedVersion":1"#,
    r#""expectedVersion":18446744073709551615"#,
    r#""fieldValidation":"strict""#,
];

/// A manifest, and what is said of it: its problems, its defaults, its values, and help at some place of it.
pub(crate) fn judge(registry: &Registry, sources: &Sources, record: &mut Record, chance: &mut Chance) {
    let manifest = sources.manifest(chance);
    let options = chance.options(&JUDGING);
    let outcome = judge::validate(registry, &manifest, options.as_deref());
    record.tell("validate", json!([manifest, options]), &outcome);
    match chance.below(6) {
        0 => {
            let outcome = judge::with_defaults(registry, &manifest, options.as_deref());
            record.tell("withDefaults", json!([manifest, options]), &outcome);
        }
        1 => {
            let (options, place) = (chance.options(&FORMATS), place(&manifest, chance));
            let outcome = editor::complete(registry, &manifest, place, options.as_deref());
            record.tell("complete", json!([manifest, place, options]), &outcome);
        }
        2 => {
            let (options, place) = (chance.options(&FORMATS), place(&manifest, chance));
            let outcome = editor::hover(registry, &manifest, place, options.as_deref());
            record.tell("hover", json!([manifest, place, options]), &outcome);
        }
        _ => texts(registry, &manifest, record, chance),
    }
}

/// Counted in UTF-16 code units, sometimes beyond the end.
fn place(text: &str, chance: &mut Chance) -> usize {
    match chance.below(40) {
        0 => u32::MAX as usize,
        _ => chance.below(text.encode_utf16().count() + 3),
    }
}

/// A text as values, as another text, and in form.
fn texts(registry: &Registry, manifest: &str, record: &mut Record, chance: &mut Chance) {
    let options = chance.options(&FORMATS);
    match chance.below(5) {
        0 => {
            let outcome = text::manifests(registry, manifest, options.as_deref());
            record.tell("manifests", json!([manifest, options]), &outcome);
        }
        1 => {
            let outcome = text::parse(manifest, options.as_deref());
            record.tell("parse", json!([manifest, options]), &outcome);
        }
        2 => {
            let outcome = text::stringify(manifest, options.as_deref());
            record.tell("stringify", json!([manifest, options]), &outcome);
        }
        3 => {
            let options =
                chance.options(&[FORMATS[0], r#""to":"json""#, r#""to":"yaml""#, r#""format":"yaml","to":"yaml""#]);
            let outcome = text::convert(manifest, options.as_deref());
            record.tell("convert", json!([manifest, options]), &outcome);
        }
        _ => {
            let outcome = formatted(manifest);
            record.tell("format", json!([manifest]), &outcome);
        }
    }
}

/// A text in form, as the formatter's module gives it, or the message.
fn formatted(text: &str) -> Result<String, String> {
    let limits = Limits::default();
    let format = Format::guess(text.as_bytes(), &limits);
    kindstore::manifest::format(text, format, &limits).map_err(|error| match error {
        FormatError::Unreadable(error) => error.to_string(),
        other => format!("the text {other}"),
    })
}

/// A document and a patch of it, and what becomes of both.
pub(crate) fn change(registry: &Registry, sources: &Sources, record: &mut Record, chance: &mut Chance) {
    let target = sources.shape(chance);
    let is_json_patch = chance.one_in(2);
    let patch = if is_json_patch { patch::json(&target, chance) } else { patch::merge(sources, chance) };
    let (target, mut patch) = (written(&target, chance), written(&patch, chance));
    if chance.one_in(10) {
        damage(&mut patch, chance, &target);
    }
    match chance.below(4) {
        0 => {
            let outcome = patches::diff(&target, &patch);
            record.tell("diff", json!([target, patch]), &outcome);
        }
        1 => {
            let options = chance.options(&SIMULATING);
            let outcome = simulate::simulate(registry, &target, &patch, options.as_deref());
            record.tell("simulatePatch", json!([target, patch, options]), &outcome);
        }
        _ => {
            let options = chance.options(&FORMATS);
            let (name, outcome) = match is_json_patch {
                true => ("jsonPatch", patches::json(&target, &patch, options.as_deref())),
                false => ("mergePatch", patches::merge(&target, &patch, options.as_deref())),
            };
            record.tell(name, json!([target, patch, options]), &outcome);
        }
    }
}

/// What is known of kinds, by all of their words, and kinds that are added.
pub(crate) fn know(registry: &Registry, sources: &Sources, record: &mut Record, chance: &mut Chance) {
    let listed: Value = serde_json::from_str(&kinds::list(registry)).expect("it is JSON");
    for kind in listed.as_array().expect("it is a list") {
        let words = ["kind", "plural", "singular"].iter().filter_map(|name| kind[*name].as_str());
        for word in words.chain(["", "nothing", "Deploymet"]) {
            record.tell("schema", json!([word]), &kinds::schema(registry, word));
        }
    }
    for _ in 0..200 {
        let definitions: Vec<String> = (0..chance.below(3)).map(|_| sources.definition(chance)).collect();
        let outcome = kinds::registry(&definitions).map(|registry| kinds::list(&registry));
        record.tell("kinds", json!([definitions]), &outcome);
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
