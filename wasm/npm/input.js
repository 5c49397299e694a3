/** Converts arguments for the module: documents to texts, options to JSON. */

import { loneSurrogateIn, object, wrong } from "./argument.js";
import { errorOf } from "./errors.js";
import { parseJson, writeDocument } from "./json.js";
import { call } from "./module.js";
import * as module from "./wasm/module.js";

/** Returns a text with documents, which the module reads. */
export function readable(name, text) {
  if (typeof text !== "string") throw wrong(name, "a string", text);
  const at = loneSurrogateIn(text);
  // The module would get another character in its place.
  if (at >= 0) throw errorOf(parseJson(call(() => module.loneSurrogate(text, at))));
  return text;
}

/** Returns a document as text; a value becomes JSON. */
export function textOf(name, document) {
  if (typeof document === "string") return readable(name, document);
  if (document instanceof Uint8Array) return decoded(name, document);
  return writeDocument(name, document);
}

function decoded(name, bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TypeError(`${name} is not text in UTF-8`, { cause });
  }
}

/** Returns an optional document as text. */
export function optionalText(name, document) {
  return document === undefined || document === null ? undefined : textOf(name, document);
}

/** Returns options as JSON, without the registry; undefined if all are undefined. */
export function packed(given) {
  const { registry: _, ...options } = object("options", given);
  for (const name in options) if (options[name] !== undefined) return writeDocument("options", options);
  return undefined;
}

/** Returns a position (an offset, or line and column from 1) as an offset in UTF-16 code units. */
export function offsetOf(text, position) {
  if (isCount(position)) return position;
  const { line, column } = typeof position === "object" && position !== null ? position : {};
  if (!isCount(line) || !isCount(column) || line < 1 || column < 1) {
    throw wrong("position", "an offset, or a line and a column from 1", position);
  }
  const breaks = /\r\n|\r|\n/g;
  for (let passed = 1; passed < line; passed += 1) if (breaks.exec(text) === null) return text.length;
  return Math.min(breaks.lastIndex + column - 1, text.length);
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Returns a time (a `Date`, milliseconds, or RFC 3339) in microseconds since 1970. */
export function micros(name, time) {
  const isTime = typeof time === "string" || typeof time === "number" || time instanceof Date;
  const millis = typeof time === "string" ? Date.parse(time) : isTime ? Number(time) : NaN;
  if (Number.isFinite(millis)) return Math.trunc(millis * 1000);
  const shown = isTime ? `invalid time ${String(time)}` : `of type ${typeof time}`;
  throw new TypeError(`${name}: ${shown}; use a Date, milliseconds or RFC 3339`);
}
