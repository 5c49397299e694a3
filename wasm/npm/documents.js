/** Documents: reading, writing, judging and changing them, without a store. */

import { errorOf } from "./errors.js";
import { micros, offsetOf, optionalText, packed, textOf } from "./input.js";
import { parseJson, writeJson } from "./json.js";
import { call } from "./module.js";
import { Registry } from "./registry.js";
import * as module from "./wasm/module.js";

/** The values of all documents of a text. */
export function parse(text, options) {
  return parseJson(call(() => module.parse(text, packed(options))));
}

/** A value as text in YAML, or in the format of the options. */
export function stringify(value, options) {
  return call(() => module.stringify(writeJson(value), packed(options)));
}

/** The documents of a text in another format. */
export function convert(text, to, options) {
  return call(() => module.convert(text, packed({ ...options, to })));
}

/** Every problem of every document of a text. */
export function validate(text, options) {
  const chosen = judging(options);
  return parseJson(call(() => Registry.handle(options?.registry).validate(text, chosen)));
}

/** A manifest as it would be stored, with where each value comes from. */
export function withDefaults(manifest, options) {
  const [text, chosen] = [textOf(manifest), judging(options)];
  return parseJson(call(() => Registry.handle(options?.registry).withDefaults(text, chosen)));
}

function judging(options) {
  if (options?.defaults === undefined) return packed(options);
  return packed({ ...options, defaults: optionalText(listed(options.defaults)) });
}

/** Several documents as a text. */
function listed(documents) {
  return Array.isArray(documents) ? documents.map(textOf).join("\n---\n") : documents;
}

/** What a merge patch makes of a document: text of texts, a value of values. */
export function mergePatch(target, patch, options) {
  return patched(module.mergePatch, target, patch, options);
}

/** What a JSON Patch makes of a document: text of texts, a value of values. */
export function jsonPatch(target, patch, options) {
  return patched(module.jsonPatch, target, patch, options);
}

function patched(apply, target, patch, options) {
  if (typeof target === "string") return call(() => apply(target, textOf(patch), packed(options)));
  return parseJson(call(() => apply(writeJson(target), textOf(patch), undefined)));
}

/** What differs between two documents: as patches, and place by place. */
export function diff(from, to) {
  const [one, other] = [textOf(from), textOf(to)];
  return { mergePatch: undefined, ...parseJson(call(() => module.diff(one, other))) };
}

/** What a server would answer to a patch of a resource. */
export function simulatePatch(resource, patch, options = {}) {
  const [text, change] = [textOf(resource), textOf(patch)];
  const chosen = packed({ ...options, now: micros(options.now ?? Date.now()) });
  const kinds = Registry.handle(options.registry);
  const answer = parseJson(call(() => kinds.simulatePatch(text, change, chosen)));
  const error = answer.error && errorOf(answer.error);
  return { resource: undefined, subject: undefined, ...answer, error, problems: error?.problems ?? [] };
}

/** What can be typed at a place of a text. */
export function complete(text, position, options) {
  const [place, chosen] = [offsetOf(text, position), packed(options)];
  return parseJson(call(() => Registry.handle(options?.registry).complete(text, place, chosen)));
}

/** What is known of the word at a place of a text. */
export function hover(text, position, options) {
  const [place, chosen] = [offsetOf(text, position), packed(options)];
  return parseJson(call(() => Registry.handle(options?.registry).hover(text, place, chosen))) ?? undefined;
}
