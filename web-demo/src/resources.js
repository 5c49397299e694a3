/** The store in this browser: its resources, and its content as a file. */

import { toldOf } from "./apply.js";
import * as dom from "./dom.js";
import { button, note, part } from "./dom.js";
import { listOf, showPast } from "./past.js";
import { ask } from "./rules.js";

/** What the past is asked of. */
const source = {
  timeline: (resource) => ask("timeline", resource),
  rollback: (resource, version) => ask("rollback", resource, version),
  remove: (resource) => ask("remove", resource),
  undelete: (resource) => ask("undelete", resource),
};

/** Makes the view. `text()` is the manifest, `open(text)` puts one in the editor, `say(text)` tells what happened. */
export function makeResources(view, { text, open, say }) {
  const [list, detail] = [part("div", "resources"), part("div", "detail")];
  const file = Object.assign(part("input", ""), { type: "file", hidden: true, ariaLabel: "A file with the content of a store" });
  const files = [button("Export", exportAll), button("Import", () => file.click()), file];
  view.append(part("div", "bar", undefined, button("Apply the manifest", apply, "main"), part("span", "space"), ...files), list, detail);
  file.addEventListener("change", importAll);

  /** Does something and tells what came of it. */
  async function attempt(act) {
    await dom.attempt(say, act);
    await refresh();
  }

  function apply() {
    return attempt(async () => toldOf(await ask("apply", text())));
  }

  async function exportAll() {
    const link = part("a", "");
    link.href = URL.createObjectURL(new Blob([await ask("exported")]));
    link.download = "resources.kindstore";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async function importAll() {
    const [chosen] = file.files;
    if (chosen === undefined) return;
    await attempt(async () => `imported, at revision ${await ask("imported", new Uint8Array(await chosen.arrayBuffer()))}`);
    file.value = "";
  }

  async function refresh() {
    const { resources, trouble } = await ask("resources");
    if (trouble !== undefined) say(trouble);
    detail.replaceChildren();
    if (resources.length === 0) {
      return note(list, "Nothing is stored yet. Apply the manifest: it is kept in this browser, with every version it will have.");
    }
    list.replaceChildren(listOf(resources, (resource) => showPast(detail, source, resource, { open, attempt })));
  }

  return { refresh };
}
