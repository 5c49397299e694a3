/** The values that a new resource would have, with where each comes from. */

import { note, part } from "./dom.js";

/** Shows them in a view; a sentence when there are none. */
export function showValues(view, values, sentence) {
  if (values.length === 0) return note(view, sentence);
  const row = (cell, className, texts) => part("tr", className, undefined, ...texts.map((text) => part(cell, "", text)));
  const rows = values.map(({ pointer, value, from }) => {
    const text = typeof value === "string" ? value : JSON.stringify(value, bigint);
    return row("td", from === "document" ? "own" : "given", [path(pointer), text, from]);
  });
  const head = part("thead", "", undefined, row("th", "", ["Value at", "Value", "From"]));
  view.replaceChildren(part("table", "", undefined, head, part("tbody", "", undefined, ...rows)));
}

const bigint = (_, value) => (typeof value === "bigint" ? String(value) : value);

/** A JSON pointer as people read it. */
function path(pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}
