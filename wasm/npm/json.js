/** JSON with exact integers: an integer that a number cannot hold becomes a bigint. */

/** Without so many consecutive digits there is no integer beyond 2^53. */
const MANY_DIGITS = /\d{16}/;

/** A string or a number of a JSON text, with the colon after a name. Strings must match, or their digits would count as numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

/** Prefixes strings that represent integers. Strings that start with it themselves get it twice. */
const MARK = "\u0000";
const WRITTEN_MARK = '"\\u0000';

/** Parses JSON text. Integers beyond 2^53 become bigints. */
export function parseJson(text) {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKEN, (token, colon) => {
    if (colon !== undefined) return token;
    if (token.startsWith(WRITTEN_MARK)) return WRITTEN_MARK + token.slice(1);
    return isLarge(token) ? `${WRITTEN_MARK}${token}"` : token;
  });
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== "string" || !value.startsWith(MARK)) return value;
    return value.startsWith(MARK, 1) ? value.slice(1) : BigInt(value.slice(1));
  });
}

function isLarge(token) {
  return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token));
}

/** Serializes a value as JSON text. Throws a `TypeError` for values that JSON would change. */
export function writeJson(value) {
  let isMarked = false;
  const text = JSON.stringify(value, (name, value) => {
    if (typeof value === "number") return checked(name, value);
    if (typeof value !== "bigint" && !(typeof value === "string" && value.startsWith(MARK))) return value;
    isMarked = true;
    return MARK + value;
  });
  if (text === undefined) throw new TypeError(`a JSON value is expected, not ${typeof value}`);
  if (!isMarked) return text;
  return text.replace(TOKEN, (token, colon) => {
    if (colon !== undefined || !token.startsWith(WRITTEN_MARK)) return token;
    const rest = token.slice(WRITTEN_MARK.length);
    return rest.startsWith("\\u0000") ? `"${rest}` : rest.slice(0, -1);
  });
}

function checked(name, value) {
  // JSON.stringify would write null, which removes a member in a patch.
  if (!Number.isFinite(value)) throw new TypeError(`${name} is ${value}, which JSON cannot represent`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} is ${value}, beyond 2^53, where a number loses digits; pass a bigint or text`);
  }
  return value;
}
