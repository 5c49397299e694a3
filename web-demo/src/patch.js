/** The patch view: what a patch makes of the first document, and what differs. */

import { MergeView } from "@codemirror/merge";
import { yaml } from "@codemirror/lang-yaml";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { ask } from "./rules.js";

/** Simulates a patch of the first document of a text, and shows the outcome. Answers the problems of the patch. */
export async function simulate(view, text, patch) {
  if (patch.trim() === "") {
    note(view, "Write a patch above to see what it makes of the first document.");
    return [];
  }
  try {
    const [first] = await ask("parse", text);
    if (first === undefined) throw new Error("there is no document to be patched");
    // Both at the same moment, so that only what the patch does differs.
    const options = { now: Date.now() };
    const { valid, changed, resource, error, subject, problems } = await ask("simulatePatch", first, patch, options);
    if (!valid) {
      note(view, subject === "resource" ? `The document is not valid itself: ${error.message}` : `Refused: ${error.message}`, "error");
      return subject === "patch" ? problems : [];
    }
    const before = await ask("simulatePatch", first, {}, options);
    await compare(view, before.resource, resource, changed);
    return [];
  } catch (error) {
    note(view, error.message, "error");
    return error.problems ?? [];
  }
}

async function compare(view, before, after, changed) {
  const head = document.createElement("p");
  head.className = "verdict";
  head.textContent = changed
    ? `Taken: the resource goes from version ${before.metadata.resourceVersion} to ${after.metadata.resourceVersion}.`
    : "Taken, and nothing changes: the version stays.";
  view.replaceChildren(head);
  const [a, b] = await Promise.all([before, after].map((one) => ask("stringify", one)));
  const extensions = [yaml(), EditorView.editable.of(false), EditorState.readOnly.of(true), EditorView.lineWrapping];
  const parent = document.createElement("div");
  parent.className = "merge";
  view.append(parent);
  new MergeView({ parent, a: { doc: a, extensions }, b: { doc: b, extensions }, collapseUnchanged: { margin: 2, minSize: 6 } });
}

function note(view, text, kind = "empty") {
  const dom = document.createElement("p");
  dom.className = kind;
  dom.textContent = text;
  view.replaceChildren(dom);
}
