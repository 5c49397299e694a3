/** Converts arguments for the module: documents to texts, options to JSON. */

import { writeJson } from "./json.js";

/** Returns a document as text; a value becomes JSON. */
export function textOf(document) {
  if (typeof document === "string") return document;
  if (document instanceof Uint8Array) return new TextDecoder("utf-8", { fatal: true }).decode(document);
  return writeJson(document);
}

/** Returns an optional document as text. */
export function optionalText(document) {
  return document === undefined || document === null ? undefined : textOf(document);
}

/** Returns options as JSON, without the registry; undefined if all are undefined. */
export function packed({ registry: _, ...options } = {}) {
  for (const name in options) if (options[name] !== undefined) return writeJson(options);
  return undefined;
}

/** Returns a position (an offset, or line and column from 1) as an offset in UTF-16 code units. */
export function offsetOf(text, position) {
  if (typeof position === "number") return position;
  const { line, column } = position;
  const breaks = /\r\n|\r|\n/g;
  for (let passed = 1; passed < line; passed += 1) if (breaks.exec(text) === null) return text.length;
  return Math.min(breaks.lastIndex + column - 1, text.length);
}

/** Returns a time (a `Date`, milliseconds, or RFC 3339) in microseconds since 1970. */
export function micros(time) {
  const millis = typeof time === "string" ? Date.parse(time) : Number(time);
  if (!Number.isFinite(millis)) throw new TypeError(`invalid time ${String(time)}; use a Date, milliseconds or RFC 3339`);
  return Math.trunc(millis * 1000);
}
