/** JSON without loss: integers that a number cannot hold become a bigint, and go out as they came in. */

/** Text with fewer digits in a row holds no integer that a number cannot hold. */
const MANY_DIGITS = /\d{16}/;

/** A string or a number of a JSON text, with the colon behind a name; what is within a string is no number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

/** Begins the strings that stand for integers, and a second time the strings that begin with it themselves. */
const MARK = "\u0000";
const WRITTEN_MARK = '"\\u0000';

/** Reads JSON text. Integers beyond 2^53 are bigints. */
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

/** Writes a value as JSON text. Throws a `TypeError` for what would not arrive as it is. */
export function writeJson(value) {
  let isMarked = false;
  const text = JSON.stringify(value, (name, value) => {
    if (typeof value === "number") return checked(name, value);
    if (typeof value !== "bigint" && !(typeof value === "string" && value.startsWith(MARK))) return value;
    isMarked = true;
    return MARK + value;
  });
  if (text === undefined) throw new TypeError(`a value of JSON is expected, not ${typeof value}`);
  if (!isMarked) return text;
  return text.replace(TOKEN, (token, colon) => {
    if (colon !== undefined || !token.startsWith(WRITTEN_MARK)) return token;
    const rest = token.slice(WRITTEN_MARK.length);
    return rest.startsWith("\\u0000") ? `"${rest}` : rest.slice(0, -1);
  });
}

function checked(name, value) {
  // JSON.stringify would write null, which removes a member in a patch.
  if (!Number.isFinite(value)) throw new TypeError(`${name} is ${value}, which JSON cannot hold`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} is ${value}, whose last digits may be lost already; give a bigint or the text`);
  }
  return value;
}
