/** Parses, writes, validates and changes documents, without a store. */

import { object, only, string } from "./argument.js";
import { BadRequest, errorOf } from "./errors.js";
import { micros, offsetOf, optionalText, packed, readable, textOf } from "./input.js";
import { parseJson, writeDocument } from "./json.js";
import { call } from "./module.js";
import { Registry } from "./registry.js";
import * as module from "./wasm/module.js";

/** Returns the values of all documents of a text. */
export function parse(text, options) {
  const [read, chosen] = [readable("text", text), packed(options)];
  return parseJson(call(() => module.parse(read, chosen)));
}

/** Returns the documents of a text, each as a text of its own, in the order in which they are applied. */
export function manifests(text, options) {
  const [read, chosen, kinds] = [readable("text", text), packed(options), registryOf(options)];
  return parseJson(call(() => kinds.manifests(read, chosen)));
}

/** Returns a value as text in YAML, or in the format of the options. */
export function stringify(value, options) {
  const [text, chosen] = [writeDocument("value", value), packed(options)];
  return call(() => module.stringify(text, chosen));
}

/** Returns a text in another format. */
export function convert(text, to, options) {
  const [read, chosen] = [readable("text", text), packed({ ...object("options", options), to: string("to", to) })];
  return call(() => module.convert(read, chosen));
}

/** Returns the problems of all documents of a text. */
export function validate(text, options) {
  const [chosen, kinds] = [packedWithDefaults(options), registryOf(options)];
  try {
    const read = readable("text", text);
    return parseJson(call(() => kinds.validate(read, chosen)));
  } catch (error) {
    // What is no text is a problem of it, as all that cannot be read.
    if (!(error instanceof BadRequest) || error.problems.length === 0) throw error;
    return error.problems.map((problem) => ({ ...problem, document: 0 }));
  }
}

/** Returns a manifest as it would be stored, with the source of each value. */
export function withDefaults(manifest, options) {
  const [text, chosen, kinds] = [textOf("manifest", manifest), packedWithDefaults(options), registryOf(options)];
  return parseJson(call(() => kinds.withDefaults(text, chosen)));
}

function registryOf(options) {
  return Registry.handle(object("options", options).registry);
}

function packedWithDefaults(options) {
  if (object("options", options).defaults === undefined) return packed(options);
  return packed({ ...options, defaults: optionalText("options.defaults", listed(options.defaults)) });
}

/** Returns several documents as one text. */
function listed(documents) {
  if (!Array.isArray(documents)) return documents;
  return documents.map((document, index) => textOf(`options.defaults[${index}]`, document)).join("\n---\n");
}

/** Applies a merge patch: to a text, or to a value. */
export function mergePatch(target, patch, options) {
  return patched(module.mergePatch, target, patch, options);
}

/** Applies a JSON Patch: to a text, or to a value. */
export function jsonPatch(target, patch, options) {
  return patched(module.jsonPatch, target, patch, options);
}

function patched(apply, target, patch, options) {
  const [text, change] = [textOf("target", target), textOf("patch", patch)];
  if (typeof target === "string" || target instanceof Uint8Array) {
    const chosen = packed(options);
    return call(() => apply(text, change, chosen));
  }
  only("options", options, []);
  return parseJson(call(() => apply(text, change, undefined)));
}

/** Returns the differences between two documents: as patches, and as a list. */
export function diff(from, to) {
  const [one, other] = [textOf("from", from), textOf("to", to)];
  return { mergePatch: undefined, ...parseJson(call(() => module.diff(one, other))) };
}

/** Returns the result of a patch of a resource on a server. */
export function simulatePatch(resource, patch, options) {
  const [text, change, kinds] = [textOf("resource", resource), textOf("patch", patch), registryOf(options)];
  const chosen = packed({ ...options, now: micros("options.now", options?.now ?? Date.now()) });
  const answer = parseJson(call(() => kinds.simulatePatch(text, change, chosen)));
  const error = answer.error && errorOf(answer.error);
  return { resource: undefined, subject: undefined, ...answer, error, problems: error?.problems ?? [] };
}

/** Returns the completions at a position of a text. */
export function complete(text, position, options) {
  const [place, chosen, kinds] = [placeIn(text, position), packed(options), registryOf(options)];
  return parseJson(call(() => kinds.complete(text, place, chosen)));
}

/** Returns the documentation of the word at a position of a text. */
export function hover(text, position, options) {
  const [place, chosen, kinds] = [placeIn(text, position), packed(options), registryOf(options)];
  return parseJson(call(() => kinds.hover(text, place, chosen))) ?? undefined;
}

/** Returns a position in a text that is being typed: half a character is no reason to give no help. */
function placeIn(text, position) {
  if (typeof text !== "string") string("text", text);
  return offsetOf(text, position);
}
