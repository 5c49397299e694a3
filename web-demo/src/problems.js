/** The list of problems, each of which leads to its place. */

/** Shows problems in a view; `go(problem)` is called with the one that is chosen. */
export function showProblems(view, problems, go) {
  if (problems.length === 0) {
    const fine = document.createElement("p");
    fine.className = "empty";
    fine.textContent = "Nothing is wrong. A server would take every document as it is.";
    view.replaceChildren(fine);
    return;
  }
  const list = document.createElement("ul");
  list.className = "problems";
  list.append(...problems.map((problem) => entry(problem, go)));
  view.replaceChildren(list);
}

function entry(problem, go) {
  const { severity, span, attribute, message, hint, code } = problem;
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.className = severity;
  button.title = code;
  const part = (name, text) => {
    const dom = document.createElement("span");
    dom.className = name;
    dom.textContent = text;
    return dom;
  };
  button.append(part("line", span === undefined ? "" : `${span.start.line}:${span.start.column}`), part("what", attribute), part("why", message));
  if (hint !== undefined) button.append(part("way", hint));
  button.addEventListener("click", () => go(problem));
  item.append(button);
  return item;
}
