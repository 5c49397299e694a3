//! What is asked of stores: mostly what makes sense, now and then what does not.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::patch;
use crate::shape::Shape;
use crate::source::Sources;
use crate::spelling::written;

pub(crate) const KINDS: &str = "Deployment Deployment Deployment Deployment Deployment DeploymentTarget SessionCluster SecretValue \
    DeploymentDefaults";
pub(crate) const OTHER_KINDS: &str = "Namespace Savepoint Job Event GlobalDeploymentDefaults deploy Nothing";
const NAMES: &str = "jobs clicks clicks views";
const OTHER_NAMES: &str =
    "a B/ é 01a2165a-0000-7000-8000-000000000003 01a2165a-0000-7000-8000-000000000005 x.y default";
const WRITES: &str = "create create create upsert upsert patch patch patch jsonPatch jsonPatch delete";
const LONE_WRITES: &str = "rollback rollback rollback undelete undelete burn";
const READS: &str = "get get list list list history version compare compare";
const SELECTORS: [&str; 8] =
    ["", "a=1", "team in (x,web),!b", "a", "spec.state=RUNNING", "metadata.name=clicks", "a=", ",("];
const NUMBERS: [u64; 7] = [0, 3, 7, 1 << 31, 1 << 32, (1 << 53) + 1, u64::MAX];

/// A write as in a commit.
pub(crate) fn write(chance: &mut Chance) -> Value {
    let verb = chance.word(WRITES);
    write_of(if chance.one_in(50) { "rollback" } else { verb }, chance)
}

fn write_of(verb: &str, chance: &mut Chance) -> Value {
    let mut request = request(verb, chance);
    if verb == "rollback" {
        request["version"] = number(chance).into();
    }
    let mut maybe = |times, name, value: fn(&mut Chance) -> Value| add(&mut request, times, name, value, chance);
    maybe(15, "expectedVersion", |chance| number(chance).into());
    maybe(40, "expectedId", |chance| chance.word(OTHER_NAMES).into());
    maybe(10, "fieldValidation", |chance| chance.pick(&["strict", "ignore", "ignore"]).into());
    maybe(20, "withoutDefaults", |_| true.into());
    maybe(50, "format", |chance| chance.pick(&["json", "yaml", "toml"]).into());
    request
}

/// A write that stands alone.
pub(crate) fn lone_write(chance: &mut Chance) -> Value {
    let verb = if chance.one_in(5) { chance.word(LONE_WRITES) } else { chance.word(WRITES) };
    let mut request = write_of(verb, chance);
    let mut maybe = |times, name, value: fn(&mut Chance) -> Value| add(&mut request, times, name, value, chance);
    maybe(15, "namespace", |chance| chance.pick(&[Some("default"), Some("gone"), None]).into());
    maybe(10, "dryRun", |_| true.into());
    maybe(20, "system", |_| true.into());
    maybe(80, "sistem", |_| true.into());
    request
}

pub(crate) fn read(chance: &mut Chance) -> Value {
    let verb = if chance.one_in(50) { "guess" } else { chance.word(READS) };
    let mut request = request(verb, chance);
    if ["version", "compare"].contains(&verb) {
        request["version"] = number(chance).into();
    }
    let mut maybe = |times, name, value: fn(&mut Chance) -> Value| add(&mut request, times, name, value, chance);
    maybe(6, "labelSelector", |chance| chance.pick(&SELECTORS).into());
    maybe(6, "fieldSelector", |chance| chance.pick(&SELECTORS).into());
    maybe(6, "revision", |chance| (chance.below(40) as u64).into());
    maybe(30, "revision", |chance| number(chance).into());
    maybe(4, "toVersion", |chance| number(chance).into());
    maybe(6, "reveal", |_| true.into());
    maybe(6, "authoredOnly", |_| true.into());
    maybe(3, "pageSize", |chance| chance.pick(&[1.0, 2.0, 2.0, 0.0, 5e9, 1e300]).into());
    maybe(40, "pageSize", |chance| chance.pick(&[-1.0, 0.5]).into());
    maybe(40, "pageToken", |chance| chance.pick(&["x", "é"]).into());
    request
}

/// A watch, maybe after a cursor.
pub(crate) fn watch(cursor: Option<String>, chance: &mut Chance) -> Value {
    let mut request = json!({"kind": kind(chance), "bookmarks": chance.one_in(2), "cursor": cursor.clone()});
    request["list"] = (cursor.is_none() && chance.one_in(2)).into();
    let mut maybe = |times, name, value: fn(&mut Chance) -> Value| add(&mut request, times, name, value, chance);
    maybe(5, "labelSelector", |chance| chance.pick(&SELECTORS).into());
    maybe(5, "key", |chance| name(chance).into());
    maybe(30, "cursor", |chance| chance.pick(&["", "1", "x", "1-2-3"]).into());
    request
}

/// A document for a write, and patches of the resource as it is shown.
pub(crate) fn document(
    request: &Value,
    shown: Option<Shape>,
    sources: &Sources,
    chance: &mut Chance,
) -> Option<String> {
    let (verb, kind) = (request["verb"].as_str().unwrap_or_default(), request["kind"].as_str().unwrap_or_default());
    if chance.one_in(40) {
        return Some(sources.manifest(chance)).filter(|_| chance.one_in(2));
    }
    let shape = match verb {
        "patch" => patch::of_a_part(sources.sound(kind, chance), chance),
        "jsonPatch" => patch::json(&shown.unwrap_or_else(|| sources.shape(chance)), chance),
        "create" | "upsert" => settled(sources.sound(kind, chance), request, chance),
        _ => return None,
    };
    Some(written(&shape, chance))
}

/// A document with a name of those that others refer to, and a target that may be there.
fn settled(mut shape: Shape, request: &Value, chance: &mut Chance) -> Shape {
    if let Shape::Members(members) = &mut shape {
        for (member, value) in members {
            match member.as_str() {
                "metadata" => value.set("name", Shape::text(request["key"].as_str().unwrap_or_default())),
                "spec" if value.get("deploymentTargetName").is_some() => {
                    let target = if chance.one_in(8) { name(chance) } else { "jobs" };
                    value.set("deploymentTargetName", Shape::text(target));
                }
                _ => {}
            }
        }
    }
    if chance.one_in(5) {
        let other = shape.clone();
        shape.change(chance, &other);
    }
    shape
}

fn request(verb: &str, chance: &mut Chance) -> Value {
    json!({"verb": verb, "kind": kind(chance), "key": name(chance)})
}

fn kind(chance: &mut Chance) -> &'static str {
    if chance.one_in(12) { chance.word(OTHER_KINDS) } else { chance.word(KINDS) }
}

fn name(chance: &mut Chance) -> &'static str {
    if chance.one_in(12) { chance.word(OTHER_NAMES) } else { chance.word(NAMES) }
}

/// A number of a version.
fn number(chance: &mut Chance) -> u64 {
    if chance.one_in(5) { chance.pick(&NUMBERS) } else { chance.pick(&[1, 1, 2]) }
}

fn add(request: &mut Value, times: usize, name: &str, value: fn(&mut Chance) -> Value, chance: &mut Chance) {
    if chance.one_in(times) {
        request[name] = value(chance);
    }
}
