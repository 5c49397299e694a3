/** Two texts side by side. */

import { yaml } from "@codemirror/lang-yaml";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** Shows what differs between two texts in YAML; each side is `[name, text]`. */
export function compare(parent, before, after) {
  const side = ([label, doc]) => ({
    doc,
    extensions: [
      yaml(),
      EditorState.readOnly.of(true),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true" }),
    ],
  });
  const dom = document.createElement("div");
  dom.className = "merge";
  parent.append(dom);
  new MergeView({ parent: dom, a: side(before), b: side(after), collapseUnchanged: { margin: 2, minSize: 6 } });
}
