/** JSON with exact integers: an integer that a number cannot hold becomes a bigint. */

import type { JsonObject } from "@kindstore/types";
import { isInteger, isSafeNumber, parse, stringify } from "lossless-json";

/** Without so many consecutive digits there is no integer beyond 2^53, and the faster parser of the runtime is safe. */
const MANY_DIGITS = /\d{16}/;

/** Parses the text of an object. */
export function parseJson(text: string): JsonObject {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text) as JsonObject;
  return parse(text, null, readNumber) as JsonObject;
}

function readNumber(text: string): number | bigint {
  return isInteger(text) && !isSafeNumber(text) ? BigInt(text) : Number(text);
}

/** Serializes a document. Throws a `TypeError` for values that JSON would change. */
export function writeJson(value: unknown): string {
  const text = stringify(value, refuseLoss);
  if (text === undefined) throw new TypeError("a document must be an object, is undefined");
  return text;
}

function refuseLoss(name: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  // JSON.stringify would write null, which removes a member in a patch.
  if (!Number.isFinite(value)) throw new TypeError(`${name} is ${value}, which JSON cannot represent`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} is ${value}, beyond 2^53, where a number loses digits; pass a bigint or text`);
  }
  return value;
}
