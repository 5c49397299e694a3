/** The patch the other way round: the result is edited, and the patch that leads to it is written. */

import { makeEditor } from "./editor.js";
import { ask } from "./rules.js";

/** Makes the button and the editor of the result. `write(text)` puts the patch in its place. */
export function makeResult({ toggle, view, text, write, say }) {
  let editor;

  async function begin() {
    const before = (await ask("first", text())) ?? "{}\n";
    editor?.view.destroy();
    editor = makeEditor(view, {
      text: before,
      label: "Result",
      judge: (after) => patchOf(before, after),
      onChange: () => {},
      helps: false,
    });
    editor.view.focus();
  }

  /** Writes the patch from one text to another. */
  async function patchOf(before, after) {
    try {
      write(await ask("patchBetween", before, after));
      return [];
    } catch (error) {
      return error.problems ?? [];
    }
  }

  toggle.addEventListener("click", async () => {
    const isOpen = view.hidden;
    toggle.setAttribute("aria-pressed", String(isOpen));
    view.hidden = !isOpen;
    if (!isOpen) return;
    try {
      await begin();
    } catch (error) {
      say(error.message);
    }
  });
}
