/** The list of problems, each of which leads to its place. */

import { button, note, part } from "./dom.js";

/** Shows problems in a view; `go(problem)` is called with the one that is chosen. */
export function showProblems(view, problems, go) {
  if (problems.length === 0) return note(view, "Nothing is wrong. A server would take every document as it is.");
  view.replaceChildren(part("ul", "problems", undefined, ...problems.map((problem) => part("li", "", undefined, entry(problem, go)))));
}

function entry(problem, go) {
  const { severity, span, attribute, message, hint, code } = problem;
  const dom = button("", () => go(problem), severity);
  dom.title = code;
  const place = span === undefined ? "" : `${span.start.line}:${span.start.column}`;
  dom.append(part("span", "line", place), part("span", "what", attribute), part("span", "why", message));
  if (hint !== undefined) dom.append(part("span", "way", hint));
  return dom;
}
