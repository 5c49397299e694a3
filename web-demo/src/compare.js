/** Two texts side by side. */

import { yaml } from "@codemirror/lang-yaml";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { button, part } from "./dom.js";

/** Whether texts stand side by side, or one within the other, as was chosen last. */
let isInline = matchMedia("(max-width: 760px)").matches;

/** Shows what differs between two texts in YAML; each side is `[name, text]`. */
export function compare(parent, before, after) {
  const dom = part("div", "merge");
  const draw = () => {
    const shape = button(isInline ? "Side by side" : "Inline", () => {
      isInline = !isInline;
      draw();
    });
    dom.replaceChildren(part("div", "shape", undefined, shape));
    (isInline ? inline : sideBySide)(dom, before, after);
  };
  parent.append(dom);
  draw();
}

const READ = [yaml(), EditorState.readOnly.of(true), EditorView.lineWrapping];
const named = (label) => EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true" });
const COLLAPSE = { margin: 2, minSize: 6 };

function sideBySide(parent, [one, a], [other, b]) {
  const side = (label, doc) => ({ doc, extensions: [...READ, named(label)] });
  new MergeView({ parent, a: side(one, a), b: side(other, b), collapseUnchanged: COLLAPSE });
}

function inline(parent, [one, original], [other, doc]) {
  const merge = unifiedMergeView({ original, mergeControls: false, gutter: true, collapseUnchanged: COLLAPSE });
  new EditorView({ parent, state: EditorState.create({ doc, extensions: [...READ, named(`${one} and ${other}`), merge] }) });
}
