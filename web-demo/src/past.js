/** The past of one resource: its versions, what differs between them, and the ways back. */

import { compare } from "./compare.js";
import { button, part } from "./dom.js";
import { ask } from "./rules.js";

/**
 * Shows the past of a resource. `source` is the store in this browser or a server; `open(text)` puts a text in the editor,
 * `attempt(act)` does something and tells what came of it.
 */
export async function showPast(view, source, resource, { open, attempt }, chosen = 0, other = undefined) {
  const again = (index = 0, beside) => showPast(view, source, resource, { open, attempt }, index, beside);
  const { versions, deleted } = await source.timeline(resource);
  // Beside a version stands the one before it. The first one has none: beside it stands the newest, as for a way back.
  const beforeIt = chosen + 1 < versions.length ? chosen + 1 : 0;
  const compared = other ?? beforeIt;
  const [one, before] = [versions[chosen], compared === chosen ? undefined : versions[compared]];
  const steps = versions.map(({ version, resource: was }, index) => {
    const step = button(`v${version}`, () => again(index));
    step.title = was.metadata.modifiedAt ?? was.metadata.createdAt;
    step.setAttribute("aria-pressed", String(index === chosen));
    return step;
  });
  const act = (text, make, told) => button(text, () => attempt(async () => told(await make())).then(() => again()));
  const { name } = resource;
  const acts = [button("Open in the editor", async () => open(await ask("stringify", one.resource)))];
  if (deleted) acts.push(act("Bring it back", () => source.undelete(resource), (version) => `${name} is back as version ${version}`));
  if (!deleted && chosen > 0) {
    acts.push(act(`Roll back to v${one.version}`, () => source.rollback(resource, one.version), (version) => `${name} is at version ${version}`));
  }
  if (!deleted) acts.push(act("Delete", () => source.remove(resource), (version) => `${name} is deleted; it was at version ${version}`));
  const beside = Object.assign(part("select", ""), { ariaLabel: "Compare with" });
  const others = versions.map(({ version }, index) => new Option(`compare with v${version}`, index, false, index === compared));
  beside.append(...others.filter((_, index) => index !== chosen));
  beside.addEventListener("change", () => again(chosen, Number(beside.value)));
  if (versions.length > 1) acts.unshift(beside);
  const texts = await Promise.all([before ?? one, one].map(({ resource }) => ask("stringify", resource)));
  view.replaceChildren(
    part("h2", "", `${resource.kind} ${name}${deleted ? ", deleted" : ""}`),
    part("div", "timeline", undefined, ...steps),
    part("div", "bar", undefined, ...acts),
  );
  compare(view, [before === undefined ? "The first version" : `Version ${before.version}`, texts[0]], [`Version ${one.version}`, texts[1]]);
}

/** A list of resources; `show(resource)` is called with the one that is chosen. */
export function listOf(resources, show) {
  const rows = resources.map((resource) => {
    const row = button("", () => show(resource), "resource");
    row.append(part("span", "what", resource.name), part("span", "kind", resource.state ?? resource.kind), part("span", "version", `v${resource.version}`));
    return part("li", "", undefined, row);
  });
  return part("ul", "", undefined, ...rows);
}
