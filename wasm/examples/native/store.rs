//! Stores with a life of some writes and reads, right ones and wrong ones, at times and with ids that are given.

use std::sync::Arc;

use kindstore::Registry;
use kindstore::manifest::{Format, Limits, read};
use kindstore_wasm::call::store::{self, Opened, Watching};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::manifests;
use crate::record::Record;
use crate::request::{self, KINDS, OTHER_KINDS};
use crate::shape::Shape;
use crate::source::Sources;

const DEFAULTS: &str = "kind: GlobalDeploymentDefaults\nspec: {template: {spec: {parallelism: 3}}}\n";
/// What there is from the start.
const FURNITURE: [(&str, &str); 4] = [
    ("DeploymentTarget", "metadata: {name: jobs}\nspec: {kubernetes: {namespace: flink}}\n"),
    ("SessionCluster", "metadata: {name: clicks}\nspec: {deploymentTargetName: jobs, flinkVersion: '1.20'}\n"),
    (
        "Deployment",
        r#"{"metadata":{"name":"clicks","labels":{"a":"1"}},"spec":{"deploymentTargetName":"jobs","template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://a/b.jar"}}}}}"#,
    ),
    ("SecretValue", "metadata: {name: clicks}\nspec: {kind: PLAIN, value: x}\n"),
];
const STEPS: usize = 40;

/// A store, what watches it, and what is told of both.
struct Life<'a> {
    registry: &'a Arc<Registry>,
    opened: Opened,
    watches: Vec<Watching>,
    sources: &'a Sources,
    record: &'a mut Record,
    chance: &'a mut Chance,
    micros: i64,
    ids: u64,
}

/// Opens a store, does things with it, and tells all that it has in the end.
pub(crate) fn live(registry: &Arc<Registry>, sources: &Sources, record: &mut Record, chance: &mut Chance) {
    let micros = chance.pick(&[0, 1_714_550_400_123_456, 253_402_300_799_999_999, -1]);
    let defaults = match chance.below(8) {
        0 => Some(sources.manifest(chance)),
        1..5 => Some(DEFAULTS.to_owned()),
        _ => None,
    };
    let options = json!({"plainSecrets": chance.one_in(2), "now": micros, "ids": [id(1)], "globalDefaults": defaults});
    let options = options.to_string();
    let opened = Opened::new(registry, Some(&options));
    record.tell("open", json!([options]), &opened.as_ref().map(|_| String::new()).map_err(Clone::clone));
    let Ok(opened) = opened else { return };
    let mut life = Life { registry, opened, watches: Vec::new(), sources, record, chance, micros, ids: 1 };
    life.give(FURNITURE.len());
    for (kind, text) in FURNITURE {
        life.write(&json!({"verb": "create", "kind": kind}), Some(text.to_owned()));
    }
    for _ in 0..STEPS {
        life.step();
    }
    life.end();
}

fn id(number: u64) -> String {
    format!("01a2165a-0000-7000-8000-{number:012}")
}

impl Life<'_> {
    fn step(&mut self) {
        let needed = 3 * usize::from(!self.chance.one_in(30));
        self.give(needed);
        match self.chance.below(20) {
            0..10 => self.one_write(),
            10..12 => self.several_writes(),
            12..16 => self.one_read(),
            16 => self.watch(),
            17 => self.events(),
            18 => self.pass_time(),
            _ if self.chance.one_in(4) => self.move_house(),
            _ => self.look(),
        }
    }

    /// Makes sure that there are so many ids.
    fn give(&mut self, count: usize) {
        while self.opened.ids_left() < count {
            self.ids += 1;
            let id = if self.chance.one_in(500) { "1".to_owned() } else { id(self.ids) };
            let given = self.opened.give_id(&id).map(|()| String::new());
            self.record.tell("giveId", json!([id]), &given);
        }
        self.record.tell("idsLeft", json!([]), &Ok(self.opened.ids_left().to_string()));
    }

    fn pass_time(&mut self) {
        self.micros = self.micros.saturating_add(self.chance.pick(&[1, 999, 1_000_000, 86_400_000_000, -5_000_000]));
        self.opened.set_time(self.micros);
        self.record.tell("setTime", json!([self.micros]), &Ok(String::new()));
    }

    fn one_write(&mut self) {
        let request = request::lone_write(self.chance);
        let document = self.document(&request);
        self.write(&request, document);
    }

    fn several_writes(&mut self) {
        let mut operations = Vec::new();
        for _ in 0..1 + self.chance.below(3) {
            let request = request::write(self.chance);
            operations.push(json!({"document": self.document(&request), "request": request}));
        }
        let request = json!({"namespace": "default", "dryRun": self.chance.one_in(6), "operations": operations});
        let request = request.to_string();
        let outcome = store::commit(&self.opened, &request);
        self.record.tell("commit", json!([request]), &outcome);
    }

    fn document(&mut self, request: &Value) -> Option<String> {
        let get = json!({"verb": "get", "kind": request["kind"], "key": request["key"]}).to_string();
        let shown = store::read(&self.opened, &get).ok();
        let shown = shown.and_then(|text| read(text.as_bytes(), Format::Json, &Limits::default()).ok());
        request::document(request, shown.map(|document| Shape::from(&document.value)), self.sources, self.chance)
    }

    fn write(&mut self, request: &Value, document: Option<String>) {
        let request = request.to_string();
        let outcome = store::write(&self.opened, &request, document.as_deref());
        self.record.tell("write", json!([request, document]), &outcome);
    }

    fn one_read(&mut self) {
        let mut request = request::read(self.chance);
        // All pages, one after the other.
        for _ in 0..5 {
            let answer = self.read(&request);
            match answer["nextPageToken"].as_str() {
                Some(token) if !token.is_empty() => request["pageToken"] = token.into(),
                _ => break,
            }
        }
    }

    fn read(&mut self, request: &Value) -> Value {
        let request = request.to_string();
        let outcome = store::read(&self.opened, &request);
        self.record.tell("read", json!([request]), &outcome);
        outcome.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn watch(&mut self) {
        let cursor = self.watches.last().filter(|_| self.chance.one_in(2)).map(Watching::cursor);
        let request = request::watch(cursor, self.chance);
        let request = request.to_string();
        let watch = store::watch(&self.opened, &request);
        self.record.tell("watch", json!([request]), &watch.as_ref().map(|_| String::new()).map_err(Clone::clone));
        self.watches.extend(watch);
    }

    /// What every watch tells.
    fn events(&mut self) {
        for (index, watch) in self.watches.iter_mut().enumerate() {
            for _ in 0..200 {
                let event = watch.event();
                let is_last = !matches!(event, Ok(Some(_)));
                self.record.tell("event", json!([index]), &event.map(Option::unwrap_or_default));
                self.record.tell("cursor", json!([index]), &Ok(watch.cursor()));
                if is_last {
                    break;
                }
            }
        }
    }

    /// All of the content, which makes another store that goes on; damaged content makes none.
    fn move_house(&mut self) {
        let mut content = self.opened.export();
        self.record.tell("export", json!([]), &Ok(manifests::hex(&content)));
        if self.chance.one_in(2) {
            let place = self.chance.below(content.len());
            content[place] ^= 1 << self.chance.below(8);
        }
        let options = json!({"plainSecrets": true, "now": self.micros, "ids": []}).to_string();
        let moved = Opened::import(self.registry, Some(&options), &content);
        let told = moved.as_ref().map(|_| String::new()).map_err(Clone::clone);
        self.record.tell("import", json!([options, manifests::hex(&content)]), &told);
        if let Ok(opened) = moved {
            self.opened = opened;
            self.watches.clear();
        }
    }

    fn look(&mut self) {
        if self.chance.one_in(3) {
            let revisions = self.chance.pick(&[0, 1, 5, 1 << 32, 1 << 53]);
            let outcome = store::compact(&self.opened, revisions);
            self.record.tell("compact", json!([revisions]), &outcome);
        }
        self.record.tell("check", json!([]), &store::check(&self.opened));
        self.record.tell("revision", json!([]), &Ok(self.opened.revision().to_string()));
    }

    fn end(mut self) {
        for kind in KINDS.split(' ').chain(OTHER_KINDS.split(' ')) {
            self.read(&json!({"verb": "list", "kind": kind, "reveal": true}));
        }
        self.events();
        self.look();
        let content = manifests::hex(&self.opened.export());
        self.record.tell("export", json!([]), &Ok(content));
    }
}
