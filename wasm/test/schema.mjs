// The exported JSON Schemas take what a store takes: ajv against `validate`, over the documents of the shared cases with each member as
// people and programs write it otherwise.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import formats from "ajv-formats";

import { demand } from "../../tests/player/judge.mjs";
import { SAMPLES } from "../../web-demo/src/samples.js";
import { kindstore, ROOT } from "./package.mjs";

const { kinds, parse, schema, validate, writeJson } = kindstore;
const CASES = join(ROOT, "tests/cases");

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: true });
formats.default(ajv);
const schemas = new Map(kinds().map(({ kind }) => [kind, ajv.compile(schema(kind))]));

/** Every document of a kind within a value. */
function* documentsIn(value) {
  if (typeof value !== "object" || value === null) return;
  if (schemas.has(value.kind)) yield value;
  for (const member of Object.values(value)) yield* documentsIn(member);
}

/** Other ways to write a value. */
function others(value) {
  const always = [null, "", 0, true, "true", "False", "2.0", "2e1", "1.5", "01", "0x10", 2.5, -1, {}, [], [null], { a: null }];
  if (typeof value !== "string") return [...always, JSON.stringify(value)];
  const mixed = [...value].map((letter, index) => (index % 2 ? letter.toLowerCase() : letter.toUpperCase())).join("");
  return [...always, value.toLowerCase(), value.toUpperCase(), mixed, `${value[0]?.toUpperCase() ?? ""}${value.slice(1).toLowerCase()}`, `${value} `];
}

/** A document with each of its values in every other way, one at a time. */
function* variations(document, value = document) {
  for (const name of Object.keys(value)) {
    const own = value[name];
    for (const other of others(own)) {
      value[name] = other;
      yield document;
    }
    delete value[name];
    yield document;
    value[name] = own;
    if (typeof own === "object" && own !== null) yield* variations(document, own);
  }
}

const found = new Map();
const texts = readdirSync(CASES, { recursive: true }).filter((name) => name.endsWith(".yaml")).map((name) => readFileSync(join(CASES, name), "utf8"));
for (const value of [...texts, ...Object.values(SAMPLES)].flatMap((text) => parse(text))) {
  for (const document of documentsIn(value)) found.set(writeJson(document), document);
}
let [compared, taken] = [0, 0];
const wrong = new Set();
for (const document of found.values()) {
  if (validate(writeJson(document)).length > 0) continue;
  const check = schemas.get(document.kind);
  // What a server sets is ignored in a document, whatever it holds.
  const full = structuredClone({ ...document, metadata: { id: 5, createdAt: "now", modifiedAt: [], resourceVersion: "x", ...document.metadata }, status: 5 });
  for (const one of variations(full)) {
    compared += 1;
    // An unknown member is a warning of the store, and a mark in an editor.
    if (!schemas.has(one.kind) || validate(writeJson(one)).length > 0) continue;
    // The path says the namespace, so that a store does not look at it; an editor may.
    if (typeof one.metadata?.namespace === "object") continue;
    taken += 1;
    if (!check(one)) wrong.add(`${one.kind}: ${ajv.errorsText(check.errors.slice(0, 3))} in ${writeJson(one).slice(0, 600)}`);
  }
}
for (const one of [...wrong].slice(0, 10)) console.error(one);
demand(wrong.size === 0, `${wrong.size} documents that a store takes do not match their schema`);
demand(taken > 1000, `only ${taken} documents were taken`);
for (const [text, expected] of [
  ["kind: SecretValue\nmetadata: {name: a}\nspec: {kind: Plain, value: x}", true],
  ["kind: SecretValue\nmetadata: {name: a}\nspec: {kind: plane, value: x}", false],
  ["kind: SecretValue\nmetadata: {name: a}\nspec: {kind: PLAIN}", false],
  ["kind: SecretValue\nmetadata: {name: a, resourceVersion: 3}\nspec: {kind: PLAIN}", true],
  ["kind: Deployment\nmetadata: {name: a}\nspec: {state: rUnNiNg, deploymentTargetName: a, template: {spec: {artifact: {kind: Jar, jarUri: s3://a/b.jar}, parallelism: '2.0'}}}", true],
  ["kind: Deployment\nmetadata: {name: a}\nspec: {deploymentTargetName: a, template: {spec: {artifact: {kind: jAR}}}}", false],
]) {
  const [document] = parse(text);
  demand(schemas.get(document.kind)(document) === expected, `the schema says otherwise of ${text}`);
  demand(validate(text).length === 0 === expected, `validate says otherwise of ${text}`);
}
console.log(`${compared} documents compared, ${taken} of which a store takes`);
