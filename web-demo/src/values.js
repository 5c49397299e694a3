/** The values that a new resource would have, with where each comes from. */

/** Shows them in a view. */
export function showValues(view, values, note) {
  if (values.length === 0) {
    const empty = document.createElement("p");
    empty.className = "empty";
    empty.textContent = note;
    view.replaceChildren(empty);
    return;
  }
  const table = document.createElement("table");
  table.innerHTML = "<thead><tr><th>Value at</th><th>Value</th><th>From</th></tr></thead>";
  const body = document.createElement("tbody");
  for (const { pointer, value, from } of values) {
    const row = document.createElement("tr");
    row.className = from === "document" ? "own" : "given";
    for (const text of [path(pointer), typeof value === "string" ? value : String(JSON.stringify(value, bigint)), from]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    body.append(row);
  }
  table.append(body);
  view.replaceChildren(table);
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
