/** What goes into the module: texts, and options as JSON. */

import { writeJson } from "./json.js";

/** A document as text: a text as it is, a value as JSON. */
export function textOf(document) {
  if (typeof document === "string") return document;
  if (document instanceof Uint8Array) return new TextDecoder("utf-8", { fatal: true }).decode(document);
  return writeJson(document);
}

/** The same for what may be left out. */
export function optionalText(document) {
  return document === undefined || document === null ? undefined : textOf(document);
}

/** Options as JSON; undefined when there are none. The registry is no part of them. */
export function packed({ registry: _, ...options } = {}) {
  for (const name in options) if (options[name] !== undefined) return writeJson(options);
  return undefined;
}

/** A place in a text, given as a number of UTF-16 code units before it or as line and column from 1, as such a number. */
export function offsetOf(text, position) {
  if (typeof position === "number") return position;
  const { line, column } = position;
  const breaks = /\r\n|\r|\n/g;
  for (let passed = 1; passed < line; passed += 1) if (breaks.exec(text) === null) return text.length;
  return Math.min(breaks.lastIndex + column - 1, text.length);
}

/** A time in microseconds since 1970: of a `Date`, of milliseconds, or of RFC 3339. */
export function micros(time) {
  const millis = typeof time === "string" ? Date.parse(time) : Number(time);
  if (!Number.isFinite(millis)) throw new TypeError(`${String(time)} is no time; give a Date, milliseconds or RFC 3339`);
  return Math.trunc(millis * 1000);
}
