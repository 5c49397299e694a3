/** Checks arguments: each that is not as expected becomes a `TypeError` that names it, before the module sees it. */

/** Returns the error for an argument of another type. */
export function wrong(name, expected, value) {
  return new TypeError(`${name} must be ${expected}, not ${shown(value)}`);
}

function shown(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return `an object of ${value.constructor?.name ?? "no class"}`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  const text = String(value);
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return `the ${typeof value} ${typeof value === "string" ? JSON.stringify(short) : short}`;
}

/** Returns a string. */
export function string(name, value) {
  if (typeof value !== "string") throw wrong(name, "a string", value);
  const at = loneSurrogateIn(value);
  // The module would get another character in its place.
  if (at >= 0) throw new TypeError(`${name} has half of a surrogate pair at ${at}, which is no character`);
  return value;
}

/** Returns a string; undefined if there is none. */
export function optionalString(name, value) {
  return value === undefined ? undefined : string(name, value);
}

/** Returns the options of a call; an empty object if there are none. */
export function object(name, value) {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array) throw wrong(name, "an object", value);
  return value;
}

/** Returns a function; undefined if there is none. */
export function optionalFunction(name, value) {
  if (value !== undefined && typeof value !== "function") throw wrong(name, "a function", value);
  return value;
}

/** Returns a count. */
export function count(name, value) {
  if (!Number.isSafeInteger(value) || value < 0) throw wrong(name, "a non-negative integer", value);
  return value;
}

/** Returns the number of UTF-16 code units before the first half of a surrogate pair; -1 if there is none. */
export function loneSurrogateIn(text) {
  if (text.isWellFormed?.()) return -1;
  return text.search(/\p{Surrogate}/u);
}

/** Returns the options of a call that has only these. */
export function only(name, value, names) {
  const options = object(name, value);
  for (const one in options) {
    if (!names.includes(one) && options[one] !== undefined) throw new TypeError(`${name}.${one} is no option here`);
  }
  return options;
}
