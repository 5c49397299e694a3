/** JSON with exact numbers: large integers become bigints, and the spelling of every other number stays known. */

import { loneSurrogateIn, wrong } from "./argument.js";

/** Without one of these every number is in its normal form: many digits, a zero at the end, an exponent, zeros at the beginning, minus zero. */
const SPELLED = /\d{16}|\.\d*0\s*(?:[,\]}]|$)|\d[eE][-+]?\d+\s*(?:[,\]}]|$)|\.0{6}|(?:^|[[:,\s])-0/;

/** A string or a number of a JSON text, with the colon after a name. Strings must match, or their digits would count as numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

/** Prefixes strings that represent numbers. Strings that start with it themselves get it twice. */
const MARK = "\u0000";
const WRITTEN_MARK = '"\\u0000';

/**
 * The spellings of the numbers in objects and arrays that came from a text: `[number, spelling]` by name. They are beside the values,
 * so that a number is a number for JavaScript, and `1.20` is `1.20` when the value comes back.
 */
const spellings = new WeakMap();

/** Parses JSON text. Integers beyond 2^53 become bigints. */
export function parseJson(text) {
  if (typeof text !== "string") throw wrong("text", "a string", text);
  if (!SPELLED.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKEN, (token, colon) => {
    if (colon !== undefined) return token;
    if (token.startsWith(WRITTEN_MARK)) return WRITTEN_MARK + token.slice(1);
    return token.startsWith('"') || String(Number(token)) === token ? token : `${WRITTEN_MARK}${token}"`;
  });
  return JSON.parse(marked, function (name, value) {
    if (typeof value !== "string" || !value.startsWith(MARK)) return value;
    if (value.startsWith(MARK, 1)) return value.slice(1);
    return numberIn(this, name, value.slice(1));
  });
}

/** Returns the number that a text spells, and keeps the spelling for the object or array that has it. */
function numberIn(holder, name, text) {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(number)) return BigInt(text);
  let known = spellings.get(holder);
  if (known === undefined) spellings.set(holder, (known = new Map()));
  known.set(String(name), [number, text]);
  return number;
}

/** Returns the spelling of a number, if it is the one that its object or array came with. */
function spellingOf(holder, name, number) {
  const [known, text] = spellings.get(holder)?.get(String(name)) ?? [];
  return Object.is(known, number) ? text : undefined;
}

/** Serializes a value as JSON text. Throws a `TypeError` for values that JSON would change. */
export function writeJson(value) {
  return write("value", value, checked);
}

/** Serializes a document, or part of a request, as JSON text; `argument` is its name in errors. */
export function writeDocument(argument, value) {
  return write(argument, value, (holder, name, value) => {
    if (typeof value === "bigint") checkInteger(value);
    checked(holder, name, value);
  });
}

function write(argument, value, check) {
  let isMarked = false;
  const replace = function (name, value) {
    check(this, name, value);
    const literal = literalOf(this, name, value);
    if (literal === undefined && typeof value === "number") checkNumber(value);
    isMarked ||= literal !== undefined;
    return literal === undefined ? value : MARK + literal;
  };
  const text = written(value, replace, argument);
  if (!isMarked) return text;
  return text.replace(TOKEN, (token, colon) => {
    if (colon !== undefined || !token.startsWith(WRITTEN_MARK)) return token;
    const rest = token.slice(WRITTEN_MARK.length);
    return rest.startsWith("\\u0000") ? `"${rest}` : rest.slice(0, -1);
  });
}

/** Returns what JSON.stringify does not write by itself: a spelling, a bigint, and a string that begins with the mark. */
function literalOf(holder, name, value) {
  if (typeof value === "number") return spellingOf(holder, name, value);
  if (typeof value === "bigint") return String(value);
  return typeof value === "string" && value.startsWith(MARK) ? value : undefined;
}

/** The reason why a value is refused; where it is becomes known only on the way back. */
class Refused extends Error {}

function written(value, replace, argument) {
  const path = [];
  // The path to the value at hand: an object that is being written is somewhere on it.
  const along = function (name, value) {
    while (path.length > 0 && path.at(-1).value !== this) path.pop();
    path.push({ name, value });
    return replace.call(this, name, value);
  };
  try {
    const text = JSON.stringify(value, along);
    if (text === undefined) throw new Refused(`is ${kindOf(value)}, which JSON cannot represent`);
    return text;
  } catch (error) {
    if (error instanceof Refused) throw new TypeError(`${placeOf(argument, path)} ${error.message}`);
    if (error instanceof RangeError) throw new TypeError(`${argument} is nested too deep`);
    if (error instanceof TypeError) throw new TypeError(`${argument} cannot be written as JSON: ${error.message}`, { cause: error });
    throw error;
  }
}

function placeOf(argument, path) {
  const step = (name) => (/^\d+$/.test(name) ? `[${name}]` : /^[\w$-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
  return argument + path.slice(1).map(({ name }) => step(String(name))).join("");
}

function kindOf(value) {
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

/** The bounds of integers in documents: those of 64 bits, with and without a sign. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 64n - 1n];

function checkInteger(value) {
  if (value < LEAST || value > MOST) throw new Refused(`is ${value}, beyond 64 bits; pass a string if it is text`);
}

function checked(holder, name, value) {
  if (loneSurrogateIn(name) >= 0) throw new Refused("has a name with half of a surrogate pair, which is no character");
  if (typeof value === "string" && loneSurrogateIn(value) >= 0) throw new Refused("has half of a surrogate pair, which is no character");
  // JSON.stringify would leave out such a member, and write null for such an item. Undefined members count as absent.
  const isLost = typeof value === "function" || typeof value === "symbol" || (value === undefined && Array.isArray(holder));
  if (isLost) throw new Refused(`is ${kindOf(value)}, which JSON cannot represent`);
}

function checkNumber(value) {
  // JSON.stringify would write null, which removes a member in a patch.
  if (!Number.isFinite(value)) throw new Refused(`is ${value}, which JSON cannot represent`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Refused(`is ${value}, beyond 2^53, where a number loses digits; pass a bigint or text`);
  }
}
