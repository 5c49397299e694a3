/** The store in this browser: its resources, the past of each, and the ways back. */

import { compare } from "./compare.js";
import { button, note, part } from "./dom.js";
import { ask } from "./rules.js";

/** Makes the view. `text()` is the manifest, `open(text)` puts one in the editor, `say(text)` tells what happened. */
export function makeResources(view, { text, open, say }) {
  const list = part("div", "resources");
  const detail = part("div", "detail");
  const file = Object.assign(part("input", ""), { type: "file", hidden: true, ariaLabel: "A file with the content of a store" });
  const bar = part("div", "bar", undefined, button("Apply the manifest", apply, "main"), part("span", "space"), button("Export", exportAll), button("Import", () => file.click()), file);
  view.append(bar, list, detail);
  file.addEventListener("change", importAll);

  /** Does something and tells what came of it. */
  async function attempt(act) {
    try {
      say(await act());
    } catch (error) {
      say(error.message);
    }
    await refresh();
  }

  function apply() {
    return attempt(async () => {
      const answers = await ask("apply", text(), await ask("parse", text()));
      return answers.map(({ title, word, error }) => (error === undefined ? `${title} ${word}` : `${title}: ${error}`)).join("; ") || "there is no document";
    });
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
    file.value = "";
    if (chosen === undefined) return;
    await attempt(async () => `imported, at revision ${await ask("imported", new Uint8Array(await chosen.arrayBuffer()))}`);
  }

  async function refresh() {
    const { resources, trouble } = await ask("resources");
    if (trouble !== undefined) say(trouble);
    detail.replaceChildren();
    if (resources.length === 0) {
      note(list, "Nothing is stored yet. Apply the manifest: it is kept in this browser, with every version it will have.");
      return;
    }
    const rows = resources.map((resource) => {
      const row = button("", () => show(resource), "resource");
      row.append(part("span", "what", resource.name), part("span", "kind", resource.kind), part("span", "version", `v${resource.version}`));
      return part("li", "", undefined, row);
    });
    list.replaceChildren(part("ul", "", undefined, ...rows));
  }

  /** The past of one resource; what the chosen version changed is shown beside the one before. */
  async function show(resource, chosen = 0) {
    const { versions, deleted } = await ask("timeline", resource);
    const [one, before] = [versions[chosen], versions[chosen + 1]];
    const steps = versions.map(({ version, resource: was }, index) => {
      const step = button(`v${version}`, () => show(resource, index));
      step.title = was.metadata.modifiedAt ?? was.metadata.createdAt;
      step.setAttribute("aria-pressed", String(index === chosen));
      return step;
    });
    const acts = [button("Open in the editor", async () => open(await ask("stringify", one.resource)))];
    const again = (act, told) => attempt(async () => told(await act())).then(() => show(resource));
    if (deleted) acts.push(button("Bring it back", () => again(() => ask("undelete", resource), (version) => `${resource.name} is back as version ${version}`)));
    else {
      if (chosen > 0) acts.push(button(`Roll back to v${one.version}`, () => again(() => ask("rollback", resource, one.version), (version) => `${resource.name} is at version ${version}`)));
      acts.push(button("Delete", () => again(() => ask("remove", resource), (version) => `${resource.name} is deleted; it was at version ${version}`)));
    }
    detail.replaceChildren(
      part("h2", "", `${resource.kind} ${resource.name}${deleted ? ", deleted" : ""}`),
      part("div", "timeline", undefined, ...steps),
      part("div", "bar", undefined, ...acts),
    );
    const texts = await Promise.all([before ?? one, one].map(({ resource }) => ask("stringify", resource)));
    compare(detail, [before === undefined ? "The first version" : `Version ${before.version}`, texts[0]], [`Version ${one.version}`, texts[1]]);
  }

  return { refresh };
}
