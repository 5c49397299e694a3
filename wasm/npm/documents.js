/** Parses, writes, validates and changes documents, without a store. */

import { errorOf } from "./errors.js";
import { micros, offsetOf, optionalText, packed, textOf } from "./input.js";
import { parseJson, writeJson } from "./json.js";
import { call } from "./module.js";
import { Registry } from "./registry.js";
import * as module from "./wasm/module.js";

/** Returns the values of all documents of a text. */
export function parse(text, options) {
  return parseJson(call(() => module.parse(text, packed(options))));
}

/** Returns a value as text in YAML, or in the format of the options. */
export function stringify(value, options) {
  return call(() => module.stringify(writeJson(value), packed(options)));
}

/** Returns a text in another format. */
export function convert(text, to, options) {
  return call(() => module.convert(text, packed({ ...options, to })));
}

/** Returns the problems of all documents of a text. */
export function validate(text, options) {
  const chosen = packedWithDefaults(options);
  return parseJson(call(() => Registry.handle(options?.registry).validate(text, chosen)));
}

/** Returns a manifest as it would be stored, with the source of each value. */
export function withDefaults(manifest, options) {
  const [text, chosen] = [textOf(manifest), packedWithDefaults(options)];
  return parseJson(call(() => Registry.handle(options?.registry).withDefaults(text, chosen)));
}

function packedWithDefaults(options) {
  if (options?.defaults === undefined) return packed(options);
  return packed({ ...options, defaults: optionalText(listed(options.defaults)) });
}

/** Returns several documents as one text. */
function listed(documents) {
  return Array.isArray(documents) ? documents.map(textOf).join("\n---\n") : documents;
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
  if (typeof target === "string") return call(() => apply(target, textOf(patch), packed(options)));
  return parseJson(call(() => apply(writeJson(target), textOf(patch), undefined)));
}

/** Returns the differences between two documents: as patches, and as a list. */
export function diff(from, to) {
  const [one, other] = [textOf(from), textOf(to)];
  return { mergePatch: undefined, ...parseJson(call(() => module.diff(one, other))) };
}

/** Returns the result of a patch of a resource on a server. */
export function simulatePatch(resource, patch, options = {}) {
  const [text, change] = [textOf(resource), textOf(patch)];
  const chosen = packed({ ...options, now: micros(options.now ?? Date.now()) });
  const kinds = Registry.handle(options.registry);
  const answer = parseJson(call(() => kinds.simulatePatch(text, change, chosen)));
  const error = answer.error && errorOf(answer.error);
  return { resource: undefined, subject: undefined, ...answer, error, problems: error?.problems ?? [] };
}

/** Returns the completions at a position of a text. */
export function complete(text, position, options) {
  const [place, chosen] = [offsetOf(text, position), packed(options)];
  return parseJson(call(() => Registry.handle(options?.registry).complete(text, place, chosen)));
}

/** Returns the documentation of the word at a position of a text. */
export function hover(text, position, options) {
  const [place, chosen] = [offsetOf(text, position), packed(options)];
  return parseJson(call(() => Registry.handle(options?.registry).hover(text, place, chosen))) ?? undefined;
}
