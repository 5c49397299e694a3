// What the package does, in Node: each function once as users call it, and what they do wrong.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { kindstore, PACKAGE } from "./package.mjs";

const {
  BadRequest, complete, convert, diff, format, hover, Invalid, jsonPatch, kinds, KindstoreError, mergePatch, NotFound, parse,
  parseJson, PreconditionFailed, Registry, schema, simulatePatch, Store, stringify, validate, withDefaults, writeJson,
} = kindstore;

const LARGE = 12345678901234567890n;
const TARGET = "metadata: {name: jobs}\nspec: {kubernetes: {namespace: flink}}\n";
const DEPLOYMENT = {
  kind: "Deployment",
  metadata: { name: "clicks" },
  spec: {
    deploymentTargetName: "jobs",
    template: { spec: { artifact: { kind: "JAR", jarUri: "s3://apps/clicks.jar" }, flinkConfiguration: { foo: "bar" } } },
  },
};
const SCHEDULE = `
kind: Schedule
apiVersion: v1
description: When something is done.
group: /api/v1
plural: schedules
singular: schedule
scope: namespaced
managedBy: user
key: name
naming: label
verbs: [list, get, create, upsert, patch, delete]
schema:
  type: object
  required: [metadata, spec]
  properties:
    metadata:
      type: object
      required: [name]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        name: {type: string, description: 'Unique in its namespace.'}
        namespace: {type: string}
        createdAt: {type: string, format: date-time, readOnly: true}
        modifiedAt: {type: string, format: date-time, readOnly: true}
        resourceVersion: {type: integer, readOnly: true}
    spec:
      type: object
      required: [every]
      properties:
        every: {type: integer, minimum: 1, description: The minutes in between.}
        note: {type: string, description: For people., default: none}
`;

/** The error that a call throws. */
function failure(call, type = KindstoreError) {
  let thrown;
  assert.throws(call, (error) => ((thrown = error), error instanceof type));
  return thrown;
}

test("texts become values and values texts, and no integer loses a digit", () => {
  assert.deepEqual(parse("a: 1\n---\nb: [12345678901234567890, yes]\n"), [{ a: 1 }, { b: [LARGE, "yes"] }]);
  assert.equal(stringify({ kind: "x", apiVersion: LARGE, list: [] }), "kind: x\napiVersion: 12345678901234567890\nlist: []\n");
  assert.equal(stringify({ b: 1, a: [true] }, { format: "json" }), '{\n  "b": 1,\n  "a": [\n    true\n  ]\n}\n');
  assert.equal(convert("b: 1 # one\na: x\n", "json"), '{\n  "b": 1,\n  "a": "x"\n}\n');
  assert.equal(convert('{"b": 1, "a": null}', "yaml"), "b: 1\na: null\n");
  assert.equal(convert("a: 1\n---\nb: 2\n", "yaml"), "a: 1\n---\nb: 2\n");
  assert.deepEqual(parseJson('["\\u00001", 9007199254740993, 1.5, "x\\"9007199254740993"]'), ["\u00001", 9007199254740993n, 1.5, 'x"9007199254740993']);
  for (const value of [{ a: LARGE }, "\u0000", ["\u00001", { "\u0000": -LARGE }], "", 0.1, null]) {
    assert.deepEqual(parseJson(writeJson(value)), value);
  }
});

test("texts are brought into good form", async () => {
  assert.equal(await format("# head\na:   1.10 # one\n"), "# head\na: 1.10 # one\n");
  assert.equal(await format('{"b":[1.10]}'), '{\n  "b": [\n    1.10\n  ]\n}\n');
  await assert.rejects(format("\ta: 1"), BadRequest);
  await assert.rejects(format("a: 1", { format: "toml" }), /the format is "toml"/);
  await assert.rejects(format("a: ["), (error) => error.problems[0].span.start.line === 1);
});

test("a formatter that has given up begins anew", async () => {
  const raw = await import(pathToFileURL(join(PACKAGE, "wasm/format.js")).href);
  raw.__wbg_reset_state();
  assert.equal(await format("a:   1\n"), "a: 1\n");
});

test("what JSON cannot hold is refused and not lost", () => {
  for (const value of [NaN, Infinity, 2 ** 53, undefined, () => 1]) assert.throws(() => stringify(value), TypeError);
  assert.throws(() => mergePatch({}, { a: NaN }), /a is NaN/);
});

test("a text that cannot be read says where", () => {
  const error = failure(() => parse("a: 1\nb: [\n"), BadRequest);
  assert.match(error.message, /^line 2, column 4: /);
  assert.equal(error.problems[0].span.start.line, 2);
  assert.equal(validate("a: [")[0].code, "isUnreadable");
  assert.match(failure(() => mergePatch("a: 1\n---\nb: 1", "{}"), BadRequest).message, /a second document begins here/);
});

test("every problem of every document is told at its place", () => {
  const text = "kind: Deploymnt\n---\nkind: DeploymentTarget\nmetadata: {name: é🦀}\nspec: {kubernets: 1}\n";
  const problems = validate(text, { fieldValidation: "strict" });
  const told = problems.map(({ document, attribute, code, severity }) => [document, attribute, code, severity]);
  assert.deepEqual(told, [
    [0, "kind", "isNotAllowed", "error"],
    [1, "metadata.name", "isBadName", "error"],
    [1, "spec.kubernetes", "isMissing", "error"],
    [1, "spec.kubernets", "isUnknown", "error"],
  ]);
  for (const { span } of problems) assert.ok(span.start.utf16 <= span.end.utf16);
  const unknown = problems.at(-1).span;
  assert.equal(text.slice(unknown.start.utf16, unknown.end.utf16), "kubernets");
  assert.deepEqual(validate(`kind: DeploymentTarget\n${TARGET}`), []);
});

test("defaults are filled in, and each value says where it comes from", () => {
  const layer = "kind: DeploymentDefaults\nspec: {template: {spec: {parallelism: 7}}}";
  const { document, values, diagnostics } = withDefaults(DEPLOYMENT, { defaults: layer });
  assert.equal(document.spec.template.spec.parallelism, 7);
  assert.deepEqual(diagnostics, []);
  const from = Object.fromEntries(values.map((one) => [one.pointer, one.from]));
  assert.equal(from["/spec/template/spec/parallelism"], "DeploymentDefaults");
  assert.equal(from["/spec/deploymentTargetName"], "document");
  assert.equal(from["/spec/state"], "built in");
  failure(() => withDefaults("kind: Nothing"), Invalid);
});

test("patches are applied to texts and to values", () => {
  assert.equal(mergePatch('{"a": 1, "b": {"c": 12345678901234567890}}', "a: null"), '{"b":{"c":12345678901234567890}}');
  assert.equal(mergePatch("a: 1\nb: {c: 1.10}\n", { a: null }), "b:\n  c: 1.1\n");
  assert.deepEqual(mergePatch({ a: 1, b: LARGE }, { a: null }), { b: LARGE });
  assert.deepEqual(jsonPatch({ a: [1, 2] }, [{ op: "add", path: "/a/1", value: 3 }]), { a: [1, 3, 2] });
  const error = failure(() => jsonPatch('{"a": 1}', '[{op: test, path: /a, value: 2}]'), Invalid);
  assert.deepEqual([error.problems[0].code, error.problems[0].span.start.line], ["failsTest", 1]);
});

test("differences are patches that lead from one to the other", () => {
  const [from, to] = [{ a: 1, b: [1, 2, 3], c: { d: "x" } }, { b: [1, 3], c: { d: "y" }, e: null }];
  const found = diff(from, to);
  assert.deepEqual(jsonPatch(from, found.jsonPatch), to);
  assert.equal(found.mergePatch, undefined, "a null stays");
  assert.deepEqual(found.changes.find(({ path }) => path === "/c/d"), { path: "/c/d", old: "x", new: "y" });
  assert.deepEqual(mergePatch(from, diff(from, { a: 2 }).mergePatch), { a: 2 });
  assert.deepEqual(diff("a: 1", '{"a": 1}'), { mergePatch: {}, jsonPatch: [], changes: [] });
});

test("an editor is helped where the cursor is", () => {
  const text = "kind: Deployment\nmetadata:\n  name: é🦀\nspec:\n  sta";
  const found = complete(text, text.length);
  assert.equal(text.slice(found.from, found.to), "sta");
  assert.deepEqual(complete(text, { line: 5, column: 6 }), found);
  assert.equal(found.items.find(({ label }) => label === "state").insert, "state: ");
  assert.ok(complete("kind: ", 6).items.some(({ label }) => label === "Deployment"));
  const told = hover(text.replace("sta", "state: RUNNING"), text.length - 1);
  assert.equal(told.pointer, "/spec/state");
  assert.ok(told.facts.length > 0);
  assert.equal(hover(text, 0, { registry: new Registry() })?.pointer, "/kind");
  assert.equal(hover("# remark", 3), undefined);
});

test("kinds are told, and those of a user take part in all", () => {
  assert.ok(kinds().some(({ kind, plural, keyScheme }) => kind === "Deployment" && plural === "deployments" && keyScheme === "name"));
  assert.equal(schema("deploy").title, "Deployment");
  assert.match(failure(() => schema("Schedule"), BadRequest).message, /unknown kind "Schedule"/);
  const registry = new Registry([SCHEDULE]);
  assert.equal(kinds({ registry }).length, kinds().length + 1);
  assert.equal(registry.schema("schedules").title, "Schedule");
  const text = "kind: Schedule\nmetadata: {name: x}\nspec: {every: 0}\n";
  assert.deepEqual(validate(text, { registry }).map(({ attribute }) => attribute), ["spec.every"]);
  assert.equal(withDefaults(text, { registry }).document.spec.note, "none");
  assert.ok(complete("kind: Schedule\nspec:\n  ", 24, { registry }).items.some(({ label }) => label === "every"));
  const store = new Store({ registry });
  assert.equal(store.create("Schedule", text.replace("0", "5")).resource.spec.note, "none");
  store.free();
  assert.match(failure(() => new Registry("kind: Broken"), BadRequest).message, /Broken|missing/);
});

test("a store keeps resources, their past, and tells of changes", async () => {
  const store = new Store();
  const events = [];
  const watch = store.watch("Deployment", "default", ({ type, resource }) => events.push([type, resource.metadata.resourceVersion]));
  store.create("DeploymentTarget", TARGET);
  const { resource, created, revision } = store.create("Deployment", DEPLOYMENT);
  assert.ok(created && revision > 0 && resource.spec.state === "CANCELLED");
  const tried = store.patch("Deployment", "clicks", "spec: {state: running}", { dryRun: true });
  assert.deepEqual([tried.changed, tried.revision, tried.resource.spec.state], [true, 0, "RUNNING"]);
  const path = "/spec/template/spec/flinkConfiguration/foo";
  store.jsonPatch("Deployment", "clicks", [{ op: "replace", path, value: "baz" }], { expectedVersion: 1 });
  const stale = failure(() => store.patch("Deployment", "clicks", {}, { expectedVersion: 1 }), PreconditionFailed);
  assert.equal(stale.context.name, "clicks");
  const { differences } = store.compare("Deployment", "clicks", 1);
  assert.deepEqual(differences, [{ path, old: "bar", new: "baz" }]);
  assert.equal(store.rollback("Deployment", "clicks", 1).resource.metadata.resourceVersion, 3);
  assert.equal(store.version("Deployment", "clicks", 2).resource.metadata.resourceVersion, 2);
  store.delete("Deployment", "clicks");
  assert.equal(failure(() => store.get("Deployment", "clicks"), NotFound).reason, "NotFound");
  assert.equal(store.history("Deployment", "clicks").deleted, true);
  store.undelete("Deployment", "clicks");
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(events, [["ADDED", 1], ["MODIFIED", 2], ["MODIFIED", 3], ["DELETED", 3], ["ADDED", 4]]);
  const { cursor } = watch;
  watch.close();
  store.patch("Deployment", "clicks", { metadata: { labels: { team: "web" } } });
  const later = [];
  store.watch("Deployment", "default", { cursor }, ({ type }) => later.push(type));
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(later, ["MODIFIED"]);
  assert.deepEqual(store.list("Deployment", { labelSelector: "team=web" }).map(({ metadata }) => metadata.name), ["clicks"]);
  assert.ok(store.check().sound);
  store.free();
});

test("a patch is simulated as a store would answer it", () => {
  let time = Date.UTC(2026, 0, 1);
  const store = new Store({ now: () => time });
  store.create("DeploymentTarget", TARGET);
  const { resource } = store.create("Deployment", DEPLOYMENT);
  time += 1000;
  const patches = ["spec: {state: running}", { metadata: { labels: { a: "b" } } }, [{ op: "remove", path: "/spec/template/spec/flinkConfiguration" }], {}];
  for (const patch of patches) {
    const real = Array.isArray(patch)
      ? store.jsonPatch("Deployment", "clicks", patch, { dryRun: true })
      : store.patch("Deployment", "clicks", patch, { dryRun: true });
    const { valid, changed, resource: simulated, warnings } = simulatePatch(resource, patch, { now: time });
    assert.deepEqual({ valid, changed, simulated, warnings }, { valid: true, changed: real.changed, simulated: real.resource, warnings: real.warnings });
  }
  const bad = "spec:\n  state: GONE\nmetadata: {name: other}\n";
  const refused = failure(() => store.patch("Deployment", "clicks", bad), Invalid);
  const simulated = simulatePatch(resource, bad);
  assert.deepEqual([simulated.valid, simulated.subject, simulated.problems], [false, "patch", refused.problems]);
  assert.equal(simulatePatch(resource, {}, { expectedVersion: 7 }).error.reason, "PreconditionFailed");
  assert.equal(simulatePatch({ ...DEPLOYMENT, spec: {} }, {}).subject, "resource");
  assert.equal(simulatePatch(DEPLOYMENT, "spec: {state: RUNNING}").resource.metadata.resourceVersion, 2);
  store.free();
});

test("the content of a store is exported and imported whole", async () => {
  const store = new Store();
  store.create("DeploymentTarget", TARGET);
  store.create("Deployment", DEPLOYMENT);
  store.patch("Deployment", "clicks", "spec: {state: RUNNING}");
  const content = store.export();
  const other = Store.import(content);
  assert.deepEqual(other.history("Deployment", "clicks"), store.history("Deployment", "clicks"));
  assert.deepEqual(other.export(), content);
  assert.equal(other.rollback("Deployment", "clicks", 1).resource.metadata.resourceVersion, 3);
  assert.equal(store.get("Deployment", "clicks").metadata.resourceVersion, 2);
  assert.match(failure(() => Store.import(content.slice(0, -9)), BadRequest).message, /damaged|content/);
  assert.throws(() => Store.import("x"), TypeError);
  content[content.length >> 1] ^= 1;
  failure(() => Store.import(content), BadRequest);
  [store, other].forEach((one) => one.free());
});

test("several writes are one or none", () => {
  const store = new Store();
  const target = (name) => ({ verb: "create", kind: "DeploymentTarget", document: TARGET.replace("jobs", name) });
  const error = failure(() => store.commit("default", [target("a"), target("B/")]), Invalid);
  assert.equal(error.problems[0].attribute, "operations[1].document.metadata.name");
  assert.deepEqual(store.list("DeploymentTarget"), []);
  const { results, revision } = store.commit("default", [target("a"), target("b")]);
  assert.deepEqual([results.length, results[0].created, revision], [2, true, store.revision]);
  store.free();
});

test("listeners may write, fail and close, and what they do wrong is theirs", async () => {
  const store = new Store();
  const [reported, others] = [[], process.listeners("uncaughtException")];
  const report = (error) => reported.push(error.message);
  process.removeAllListeners("uncaughtException").on("uncaughtException", report);
  const watch = store.watch("DeploymentTarget", "default", ({ resource }) => {
    if (resource.metadata.name === "a") store.create("DeploymentTarget", TARGET.replace("jobs", "b"));
    if (resource.metadata.name === "b") throw new Error("a listener failed");
    if (resource.metadata.name === "c") watch.close();
  });
  store.create("DeploymentTarget", TARGET.replace("jobs", "a"));
  await new Promise((done) => setTimeout(done, 10));
  store.create("DeploymentTarget", TARGET.replace("jobs", "c"));
  store.create("DeploymentTarget", TARGET.replace("jobs", "d"));
  await new Promise((done) => setTimeout(done, 10));
  process.off("uncaughtException", report);
  for (const other of others) process.on("uncaughtException", other);
  assert.deepEqual(reported, ["a listener failed"]);
  assert.ok(watch.closed);
  store.free();
});

test("what is misspelt is an error that names it", () => {
  assert.match(failure(() => validate("a: 1", { fieldvalidation: "strict" }), BadRequest).message, /fieldvalidation/);
  assert.match(failure(() => validate("a: 1", { fieldValidation: "strikt" }), BadRequest).message, /strikt/);
  const store = new Store();
  assert.match(failure(() => store.get("Deployment", "x", { revison: 1 }), BadRequest).message, /revison/);
  assert.match(failure(() => store.get("Deploiment", "x"), BadRequest).message, /unknown kind "Deploiment"/);
  assert.match(failure(() => store.create("Deployment"), BadRequest).message, /a create needs a document/);
  assert.throws(() => store.watch("Deployment", "default"), TypeError);
  assert.throws(() => new Store({ registry: {} }), TypeError);
  store.free();
});

test("runs repeat themselves with a clock and ids of the caller", () => {
  const run = () => {
    let [time, made] = [Date.UTC(2026, 0, 1), 0];
    const ids = () => `01a2165a-0000-7000-8000-${String((made += 1)).padStart(12, "0")}`;
    const store = new Store({ now: () => (time += 1000), ids });
    store.create("DeploymentTarget", TARGET);
    failure(() => store.create("DeploymentTarget", TARGET));
    store.create("Deployment", DEPLOYMENT);
    const told = [...store.list("DeploymentTarget"), ...store.list("Deployment"), ...store.list("Namespace")];
    store.free();
    return told;
  };
  assert.deepEqual(run(), run());
  assert.equal(run()[0].metadata.createdAt, "2026-01-01T00:00:02.000000Z");
  assert.throws(() => new Store({ now: () => "soon" }), /invalid time soon/);
  assert.match(failure(() => new Store({ ids: () => "1" }), BadRequest).message, /"1" is no id/);
});

test("hostile texts are refused and leave the module well", () => {
  const texts = [
    "[".repeat(200_000), "{a: ".repeat(5000), "a: ".repeat(100_000), "&a [*a]", "- ".repeat(100_000), "\u0000", "\ud800",
    "x: &x [a, b]\n" + "y: [*x, *x]\n".repeat(20_000), "? ".repeat(50_000), '"' + "\\".repeat(100_001), "a: !!binary x", "%".repeat(1000),
  ];
  for (const text of texts) {
    assert.ok(Array.isArray(validate(text)));
    try {
      parse(text);
    } catch (error) {
      assert.ok(error instanceof BadRequest, String(error));
    }
    complete(text, text.length);
    hover(text, 10);
  }
  assert.deepEqual(parse("a: 1"), [{ a: 1 }]);
});
