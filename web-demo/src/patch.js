/** The patch view: what a patch makes of the first document, and what differs. */

import { compare } from "./compare.js";
import { note, part } from "./dom.js";
import { ask } from "./rules.js";

/** Simulates a patch of the first document of a text, and shows the outcome. Answers the problems of the patch. */
export async function simulate(view, text, patch) {
  if (patch.trim() === "") {
    note(view, "Write a patch above to see what it makes of the first document.");
    return [];
  }
  try {
    const first = await ask("first", text);
    if (first === undefined) throw new Error("there is no document to be patched");
    // Both at the same moment, so that only what the patch does differs.
    const options = { now: Date.now() };
    const { valid, changed, resource, error, subject, problems } = await ask("simulatePatch", first, patch, options);
    if (!valid) {
      note(view, subject === "resource" ? `The document is not valid itself: ${error.message}` : `Refused: ${error.message}`, "error");
      return subject === "patch" ? problems : [];
    }
    const before = await ask("simulatePatch", first, {}, options);
    await show(view, before.resource, resource, changed);
    return [];
  } catch (error) {
    note(view, error.message, "error");
    return error.problems ?? [];
  }
}

async function show(view, before, after, changed) {
  const verdict = changed
    ? `Taken: the resource goes from version ${before.metadata.resourceVersion} to ${after.metadata.resourceVersion}.`
    : "Taken, and nothing changes: the version stays.";
  const [one, other] = await Promise.all([before, after].map((resource) => ask("stringify", resource)));
  view.replaceChildren(part("p", "verdict", verdict));
  compare(view, ["Before", one], ["After", other]);
}
