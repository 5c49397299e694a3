// What the package does, in Node: each function once as users call it, and what they do wrong.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { kindstore, PACKAGE } from "./package.mjs";

const {
  BadRequest, complete, convert, diff, format, hover, Invalid, jsonPatch, kinds, KindstoreError, manifests, mergePatch, NotFound, parse,
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
  assert.throws(() => mergePatch({}, { a: NaN }), /patch\.a is NaN/);
  const circle = {};
  circle.circle = circle;
  let deep = [];
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  const refused = [
    [{ spec: { "a.b": [1, Infinity] } }, /value\.spec\["a\.b"\]\[1\] is Infinity/],
    [{ a: [undefined] }, /value\.a\[0\] is undefined/],
    [{ a: { b: () => 1 } }, /value\.a\.b is a function/],
    [{ a: 2n ** 64n }, /value\.a is 18446744073709551616, beyond 64 bits/],
    [{ a: [-(2n ** 63n) - 1n] }, /value\.a\[0\] is -9223372036854775809, beyond 64 bits/],
    [{ a: "x\ud83d" }, /value\.a has half of a surrogate pair/],
    [{ b: { "\udc00": 1 } }, /value\.b.* has a name with half of a surrogate pair/],
    [circle, /value cannot be written as JSON.*circular/s],
    [deep, /value is nested too deep/],
  ];
  for (const [value, message] of refused) {
    assert.throws(() => stringify(value), (error) => error instanceof TypeError && message.test(error.message));
    if (!message.source.includes("64 bits")) assert.throws(() => writeJson(value), TypeError);
  }
  assert.equal(stringify({ a: 2n ** 64n - 1n, b: -(2n ** 63n), c: "🦀", d: undefined }), "a: 18446744073709551615\nb: -9223372036854775808\nc: 🦀\n");
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
  assert.equal(mergePatch("a: 1\nb: {c: 1.10}\n", { a: null }), "b:\n  c: 1.10\n");
  assert.deepEqual(mergePatch({ a: 1, b: LARGE }, { a: null }), { b: LARGE });
  assert.deepEqual(jsonPatch({ a: [1, 2] }, [{ op: "add", path: "/a/1", value: 3 }]), { a: [1, 3, 2] });
  const error = failure(() => jsonPatch('{"a": 1}', '[{op: test, path: /a, value: 2}]'), Invalid);
  assert.deepEqual([error.problems[0].code, error.problems[0].span.start.line], ["failsTest", 1]);
});

/** Spellings that a number of JavaScript does not have, each within a document in YAML and in JSON. */
const SPELLINGS = ["1.20", "1.0", "-0.10", "0.00000010", "1e3", "1E+3", "1.50e-7", "-0", "100.000", "123456789012345678.90", "5e-324", "9e15"];

test("spellings of numbers stay in every function, of texts and of values", () => {
  for (const spelling of SPELLINGS) {
    for (const [text, form] of [[`a: {v: ${spelling}, w: [${spelling}, 1]}\n`, "yaml"], [`{"a": {"v": ${spelling}, "w": [${spelling}, 1]}}`, "json"]]) {
      const [yaml, json] = [`a:\n  v: ${spelling}\n  w:\n    - ${spelling}\n    - 1\n`, convert(text, "json")];
      assert.equal(convert(text, "yaml"), yaml);
      assert.equal(json.replace(/\s/g, ""), `{"a":{"v":${spelling},"w":[${spelling},1]}}`);
      assert.equal(convert(json, "yaml"), yaml);
      assert.equal(mergePatch(text, "{}", { format: "yaml" }), yaml);
      assert.equal(mergePatch("a: 1", text), yaml);
      assert.equal(jsonPatch(text, [], { format: "yaml" }), yaml);
      const [value] = parse(text, { format: form });
      assert.equal(typeof value.a.v, "number");
      assert.equal(stringify(value), yaml);
      assert.equal(stringify(mergePatch(value, { b: 1 })), `${yaml}b: 1\n`);
      assert.equal(stringify(jsonPatch(value, [{ op: "copy", from: "/a/v", path: "/b" }])), `${yaml}b: ${spelling}\n`);
      assert.equal(stringify(diff({}, value).mergePatch), yaml);
      assert.equal(stringify(diff("{}", text).jsonPatch), `- op: add\n  path: /a\n  value:\n${yaml.slice(3).replaceAll(/^/gm, "  ").trimEnd()}\n`);
      assert.equal(stringify({ ...value, c: "x" }), `${yaml}c: x\n`);
      assert.equal(stringify(parseJson(writeJson(value))), yaml);
      assert.ok(manifests(text)[0].text.includes(spelling));
    }
  }
  // Another number has no spelling of the one that was there.
  const [changed] = parse("v: 1.20");
  changed.v = 1.5;
  assert.equal(stringify(changed), "v: 1.5\n");
  changed.v = 1.2;
  assert.equal(stringify(changed), "v: 1.20\n");
});

test("numbers that are written differently differ", () => {
  assert.deepEqual(diff("v: 1.20", "v: 1.20").changes, []);
  const found = diff("v: 1.20", "v: 1.2");
  assert.deepEqual([found.mergePatch, found.jsonPatch.length, found.changes.length], [{ v: 1.2 }, 1, 1]);
  assert.equal(stringify(diff("v: 1.2", "v: 1.20").mergePatch), "v: 1.20\n");
  assert.equal(stringify(diff('v: ["\\0", "\\00"]', 'v: ["\\0x", 1.0]').mergePatch), 'v:\n  - "\\x00x"\n  - 1.0\n');
  // A test of a JSON Patch compares values, as RFC 6902 says.
  assert.equal(jsonPatch("v: 1.20\n", "[{op: test, path: /v, value: 1.2}]"), "v: 1.20\n");
});

test("a spelling that a format does not have becomes the number, and one that no value keeps stays", () => {
  assert.equal(convert("a: [0x1F, +1, .5, 1., 017]", "json").replace(/\s/g, ""), '{"a":[31,1,0.5,1.0,17]}');
  assert.equal(convert("a: [0x1F, +1, .5, 017, 0o17]", "yaml"), "a:\n  - 0x1F\n  - +1\n  - .5\n  - 017\n  - 0o17\n");
  // A commit's hash is a number that no double holds, and a label takes its text.
  assert.equal(convert("a: 1234e5678", "json"), '{\n  "a": 1234e5678\n}\n');
  assert.equal(convert('{"a": 123456789012345678901}', "yaml"), "a: 123456789012345678901\n");
  assert.equal(parse("a: 123456789012345678901")[0].a, "123456789012345678901");
  for (const refused of [() => convert("a: 1\nb: [.inf]", "json"), () => mergePatch("a: 1\nb: [.nan]", "{}"), () => diff("a: 1\nb: [1e999]", "{}")]) {
    const [problem] = failure(refused, Invalid).problems;
    assert.deepEqual([problem.pointer, problem.span.start.line, problem.span.start.column], ["/b/0", 2, 5]);
  }
});

test("a patch of what was parsed is the patch of its text", () => {
  const text = "kind: Deployment\nmetadata: {name: clicks}\nspec:\n  deploymentTargetName: jobs\n  template: {spec: {artifact: {kind: JAR, jarUri: s3://a/b.jar, flinkVersion: 1.20}}}\n";
  const version = ({ resource }) => resource.spec.template.spec.artifact.flinkVersion;
  assert.equal(version(simulatePatch(text, {})), "1.20");
  assert.equal(version(simulatePatch(parse(text)[0], {})), "1.20");
  assert.equal(version(simulatePatch(text, parse("spec: {template: {spec: {artifact: {flinkVersion: 1.0}}}}")[0])), "1.0");
  assert.equal(withDefaults(parse(text)[0]).document.spec.template.spec.artifact.flinkVersion, "1.20");
  const store = new Store();
  store.create("DeploymentTarget", TARGET);
  assert.equal(version(store.create("Deployment", parse(text)[0])), "1.20");
  assert.equal(version(store.patch("Deployment", "clicks", parse("spec: {template: {spec: {artifact: {flinkVersion: 2.10}}}}")[0])), "2.10");
  store.free();
});

test("several documents are a list in JSON, and documents again in YAML", () => {
  const text = "kind: A\nmetadata:\n  name: x\n---\nkind: B\nv: 1.20\n";
  const list = convert(text, "json");
  assert.deepEqual(Object.keys(JSON.parse(list)), ["kind", "items"]);
  assert.equal(JSON.parse(list).kind, "List");
  assert.equal(convert(list, "yaml"), text);
  const target = (name) => `kind: DeploymentTarget\nmetadata: {name: ${name}}\nspec: {kubernetes: {}}\n`;
  assert.deepEqual(validate(convert(`${target("a")}---\n${target("b")}`, "json")), []);
  // A list that says more stays what it is.
  assert.equal(convert('{"kind":"DeploymentList","items":[]}', "yaml"), "kind: DeploymentList\nitems: []\n");
  assert.equal(convert('{"kind":"List","metadata":{"x":1},"items":[{}]}', "yaml"), "kind: List\nmetadata:\n  x: 1\nitems:\n  - {}\n");
});

test("manifests come in the order in which they are applied, each with its text", () => {
  const text = `kind: Deployment\nmetadata: {name: clicks, namespace: web}\nspec: {version: 1.20}\n---\n# empty\n---
kind: List\nitems: [{kind: DeploymentTarget, metadata: {name: jobs}}, {kind: Namespace, metadata: {name: web}}, {kind: Nothing}, 5]\n`;
  const found = manifests(text);
  assert.deepEqual(found.map(({ kind, name, namespace }) => [kind, name, namespace]), [
    ["Namespace", "web", undefined], ["DeploymentTarget", "jobs", undefined], ["Deployment", "clicks", "web"], ["Nothing", undefined, undefined], [undefined, undefined, undefined],
  ]);
  assert.equal(found[2].text, "kind: Deployment\nmetadata:\n  name: clicks\n  namespace: web\nspec:\n  version: 1.20\n");
  assert.equal(JSON.parse(manifests(text, { to: "json" })[1].text).metadata.name, "jobs");
  assert.deepEqual(manifests(""), []);
  failure(() => manifests("a: ["), BadRequest);
});

/** Values that are no text, no document and no option. */
const ODD = [undefined, null, 5, NaN, true, 5n, Symbol("x"), () => 1, [], {}, new Date(0), new Uint8Array([255]), "\ud800"];

test("an argument of another type is an error that names it, in every function", async () => {
  const store = new Store();
  const registry = new Registry();
  store.create("DeploymentTarget", TARGET);
  const text = "kind: DeploymentTarget\n";
  const functions = {
    parse: [parse, { text, options: {} }],
    manifests: [manifests, { text, options: {} }],
    stringify: [stringify, { value: {}, options: {} }],
    convert: [convert, { text, to: "json", options: {} }],
    validate: [validate, { text, options: {} }],
    withDefaults: [withDefaults, { manifest: text, options: {} }],
    mergePatch: [mergePatch, { target: text, patch: "{}", options: {} }],
    jsonPatch: [jsonPatch, { target: text, patch: "[]", options: {} }],
    diff: [diff, { from: text, to: text }],
    simulatePatch: [simulatePatch, { resource: `${text}${TARGET}`, patch: "{}", options: {} }],
    complete: [complete, { text, position: 0, options: {} }],
    hover: [hover, { text, position: 0, options: {} }],
    format: [format, { text, options: {} }],
    kinds: [kinds, { options: {} }],
    schema: [schema, { kind: "Deployment", options: {} }],
    parseJson: [parseJson, { text: "{}" }],
    writeJson: [writeJson, { value: {} }],
    init: [kindstore.init, { source: "x" }],
    initSync: [kindstore.initSync, { module: {} }],
    initFormat: [kindstore.initFormat, { source: "x" }],
    Registry: [(definitions) => new Registry(definitions), { definitions: [] }],
    "Registry.schema": [(kind) => registry.schema(kind), { kind: "Deployment" }],
    Store: [(options) => new Store(options).free(), { options: {} }],
    "Store.import": [(content, options) => Store.import(content, options).free(), { content: store.export(), options: {} }],
    get: [store.get, { kind: "DeploymentTarget", key: "jobs", options: {} }],
    list: [store.list, { kind: "DeploymentTarget", options: {} }],
    listPage: [store.listPage, { kind: "DeploymentTarget", options: {} }],
    history: [store.history, { kind: "DeploymentTarget", key: "jobs", options: {} }],
    historyPage: [store.historyPage, { kind: "DeploymentTarget", key: "jobs", options: {} }],
    version: [store.version, { kind: "DeploymentTarget", key: "jobs", version: 1, options: {} }],
    compare: [store.compare, { kind: "DeploymentTarget", key: "jobs", fromVersion: 1, toVersion: 1, options: {} }],
    create: [store.create, { kind: "DeploymentTarget", document: TARGET.replace("jobs", "x"), options: { dryRun: true } }],
    upsert: [store.upsert, { kind: "DeploymentTarget", key: "jobs", document: TARGET, options: {} }],
    patch: [store.patch, { kind: "DeploymentTarget", key: "jobs", patch: "{}", options: {} }],
    jsonPatch2: [store.jsonPatch, { kind: "DeploymentTarget", key: "jobs", patch: "[]", options: {} }],
    delete: [store.delete, { kind: "DeploymentTarget", key: "jobs", options: { dryRun: true } }],
    rollback: [store.rollback, { kind: "DeploymentTarget", key: "jobs", version: 1, options: {} }],
    undelete: [store.undelete, { kind: "DeploymentTarget", key: "jobs", options: {} }],
    commit: [store.commit, { namespace: "default", operations: [], options: {} }],
    watch: [(...words) => store.watch(...words).close(), { kind: "DeploymentTarget", namespace: "default", options: {}, onEvent: () => {} }],
    compact: [store.compact, { revisions: 0 }],
    "system.create": [(...words) => store.system.create(...words), { kind: "DeploymentTarget", document: TARGET.replace("jobs", "x"), options: { dryRun: true } }],
    "system.patch": [(...words) => store.system.patch(...words), { kind: "DeploymentTarget", key: "jobs", patch: "{}", options: {} }],
    "system.delete": [(...words) => store.system.delete(...words), { kind: "DeploymentTarget", key: "jobs", options: { dryRun: true } }],
  };
  const exported = Object.keys(kindstore).filter((name) => typeof kindstore[name] === "function" && !(kindstore[name].prototype instanceof Error));
  assert.deepEqual(exported.filter((name) => name !== "default" && !(name in functions)), []);
  const methods = Object.getOwnPropertyNames(Store.prototype).filter((name) => typeof Object.getOwnPropertyDescriptor(Store.prototype, name).value === "function");
  assert.deepEqual(methods.filter((name) => !["constructor", "export", "check", "free"].includes(name) && !(name in functions)), []);
  for (const [name, [use, valid]] of Object.entries(functions)) {
    const [names, words] = [Object.keys(valid), Object.values(valid)];
    for (const [at, argument] of names.entries()) {
      for (const odd of ODD) {
        const given = words.with(at, odd);
        const shown = `${name} with ${argument} ${String(odd)}`;
        try {
          await use.apply(store, given);
        } catch (error) {
          if (name === "parseJson" && error instanceof SyntaxError) continue;
          assert.ok(error instanceof TypeError || error instanceof KindstoreError, `${shown}: ${error.stack}`);
          assert.notEqual(error.reason, "Internal", `${shown}: ${error.message}`);
          if (error instanceof TypeError) assert.match(error.message, new RegExp(`^${argument}\\b`), `${shown}: ${error.message}`);
        }
      }
      // These are never right, whatever the argument is.
      for (const odd of [Symbol("x"), ...(name === "writeJson" ? [] : [5n ** 50n])]) {
        const isRefused = async () => use.apply(store, words.with(at, odd));
        await assert.rejects(isRefused, TypeError, `${name} takes ${argument} ${String(odd)}`);
      }
    }
  }
  assert.deepEqual(validate("kind: DeploymentTarget\nmetadata: {name: a}\nspec: {kubernetes: {}}"), [], "the module is well");
  assert.throws(() => validate(5), { name: "TypeError", message: "text must be a string, not the number 5" });
  assert.throws(() => convert(5, "json"), /^TypeError: text must be a string/);
  assert.throws(() => store.commit("default", [5]), /operations\[0\] must be an object/);
  assert.throws(() => store.commit("default", [{ verb: "create", kind: "DeploymentTarget", document: { a: NaN } }]), /operations\[0\]\.document\.a is NaN/);
  assert.match(failure(() => store.list("DeploymentTarget", { pageSize: "x" }), BadRequest).message, /pageSize/);
  assert.match(failure(() => store.commit("default", [{ verb: 5, kind: "x" }]), BadRequest).message, /operations\[0\].*verb/);
  assert.match(failure(() => validate(text, { namespace: 5 }), BadRequest).message, /namespace/);
  store.free();
});

test("half of a surrogate pair is refused at its place", () => {
  const text = "kind: DeploymentTarget\nmetadata: {name: é🦀\ud83d}\n";
  const [problem, ...others] = validate(text);
  assert.deepEqual(others, []);
  const { document, code, span } = problem;
  assert.deepEqual([document, code, span.start.line, span.start.column, span.start.utf16], [0, "isUnreadable", 2, 20, text.indexOf("\ud83d}")]);
  for (const refused of [() => parse(text), () => convert(text, "json"), () => diff(text, {}), () => new Registry(text)]) {
    assert.equal(failure(refused, BadRequest).problems[0].span.start.line, 2);
  }
  assert.ok(complete("kind: \ud83d", 6).items.length > 0, "an editor helps all the same");
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
