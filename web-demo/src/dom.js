/** Parts of the page, made in one line. */

/** An element with a class, a text and what is in it. */
export function part(name, className, text, ...inside) {
  const dom = document.createElement(name);
  if (className !== "") dom.className = className;
  if (text !== undefined) dom.textContent = text;
  dom.append(...inside);
  return dom;
}

/** A button that does something. */
export function button(text, act, className = "") {
  const dom = part("button", className, text);
  dom.addEventListener("click", act);
  return dom;
}

/** Does something and tells what came of it, also when that is an error. */
export async function attempt(say, act) {
  try {
    say(await act());
  } catch (error) {
    say(error.message);
  }
}

/** A sentence in the place of all that a view has. */
export function note(view, text, className = "empty") {
  view.replaceChildren(part("p", className, text));
}
