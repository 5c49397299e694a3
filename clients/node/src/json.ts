/** JSON without loss: integers that a number cannot hold become a bigint, and go out as they came in. */

import { isInteger, isSafeNumber, parse, stringify } from "lossless-json";

/** A value of JSON. Integers beyond 2^53 are bigints, all other numbers are numbers. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/** Text with fewer digits in a row holds no integer that a number cannot hold, and the runtime's parser is faster. */
const MANY_DIGITS = /\d{16}/;

/** Reads the text of an object. */
export function parseJson(text: string): JsonObject {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text) as JsonObject;
  return parse(text, null, readNumber) as JsonObject;
}

function readNumber(text: string): number | bigint {
  return isInteger(text) && !isSafeNumber(text) ? BigInt(text) : Number(text);
}

/** Writes a document. Throws a `TypeError` for what would not arrive as it is. */
export function writeJson(value: unknown): string {
  const text = stringify(value, refuseLoss);
  if (text === undefined) throw new TypeError("a document is an object, not undefined");
  return text;
}

function refuseLoss(name: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  // JSON.stringify would write null, which removes a member in a patch.
  if (!Number.isFinite(value)) throw new TypeError(`${name} is ${value}, which JSON cannot hold`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} is ${value}, whose last digits may be lost already; give a bigint or the text`);
  }
  return value;
}
