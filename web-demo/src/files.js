/** Several texts, each with a tab; they are kept in this browser. */

import { button, part } from "./dom.js";

const KEPT = "kindstore.files";
/** So many milliseconds after the last key a text is kept. */
const PAUSE = 300;

/**
 * Makes the tabs. `show(text, state)` is called when another text is chosen, `leave()` answers the state of the editor before that: what
 * can be undone is of one text. `say(text)` is called when nothing can be kept.
 */
export function makeFiles(view, { begin, show, leave, say }) {
  let waiting;
  let { files, chosen } = kept() ?? { files: [{ name: "manifest", text: begin }], chosen: 0 };

  function keep() {
    clearTimeout(waiting);
    try {
      localStorage.setItem(KEPT, JSON.stringify({ files: files.map(({ name, text }) => ({ name, text })), chosen }));
    } catch {
      say("this browser keeps nothing more: the text is gone with the page");
    }
  }

  function choose(index) {
    if (index === chosen) return;
    files[chosen].state = leave();
    open(index);
  }

  function open(index) {
    chosen = index;
    draw();
    keep();
    show(files[chosen].text, files[chosen].state);
  }

  function close(index) {
    const [isOpen, next] = [index === chosen, chosen > index ? chosen - 1 : chosen];
    files.splice(index, 1);
    if (isOpen) return open(Math.min(next, files.length - 1));
    chosen = next;
    draw();
    keep();
  }

  function draw() {
    const tabs = files.flatMap(({ name }, index) => {
      const tab = button(name, () => choose(index), "file");
      tab.setAttribute("aria-pressed", String(index === chosen));
      if (files.length === 1) return [tab];
      const end = button("×", () => close(index), "end");
      end.ariaLabel = `Close ${name}`;
      return [tab, end];
    });
    const more = button("+", () => add("manifest", ""), "end");
    more.ariaLabel = "Another text";
    view.replaceChildren(...tabs, more);
  }

  /** A new text, shown at once. One without a name of its own gets a number. */
  function add(name, text) {
    const others = files.filter((file) => file.name.replace(/ \d+$/, "") === name).length;
    files.push({ name: others > 0 ? `${name} ${others + 1}` : name, text });
    choose(files.length - 1);
  }

  draw();
  window.addEventListener("pagehide", keep);
  return {
    get text() {
      return files[chosen].text;
    },
    add,
    /** The chosen text has changed. */
    change(text) {
      files[chosen].text = text;
      clearTimeout(waiting);
      waiting = setTimeout(keep, PAUSE);
    },
  };
}

function kept() {
  try {
    const { files, chosen } = JSON.parse(localStorage.getItem(KEPT));
    return files.every(({ name, text }) => typeof name === "string" && typeof text === "string") && files[chosen] ? { files, chosen } : undefined;
  } catch {
    return undefined;
  }
}
