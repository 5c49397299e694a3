/** An editor of manifests in YAML or JSON, which tells problems at their place and helps while one types. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { part } from "./dom.js";
import { ask } from "./rules.js";

const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], class: "t-name" },
  { tag: [tags.string, tags.special(tags.string)], class: "t-text" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], class: "t-atom" },
  { tag: tags.comment, class: "t-comment" },
  { tag: [tags.meta, tags.punctuation, tags.separator], class: "t-mark" },
]);

/** The language that a text is in, as people see it. */
export function languageOf(text) {
  return /^\s*[{[]/.test(text) ? "json" : "yaml";
}

const grammar = (text) => (languageOf(text) === "json" ? json() : yaml());

/** What can be typed where the cursor is. */
async function complete(context) {
  const text = context.state.doc.toString();
  const { from, to, items } = await ask("complete", text, context.pos);
  if (items.length === 0 || context.aborted) return null;
  // Nothing pops up while somebody reads: only what is asked for, or what is being typed.
  if (!context.explicit && from === context.pos) return null;
  const options = items.map(({ label, insert, caret, category, detail, documentation, deprecated }, index) => ({
    label,
    detail,
    info: documentation,
    type: { member: "property", value: "enum", kind: "class", mark: "text" }[category],
    boost: deprecated ? -99 : -index / 100,
    apply: (view, _, start, end) => {
      view.dispatch({ changes: { from: start, to: end, insert }, selection: { anchor: start + caret }, userEvent: "input.complete" });
    },
  }));
  return { from, to, options, validFor: /^[\w.-]*$/ };
}

/** What is known of the word under the mouse. */
async function tell(view, place) {
  const found = await ask("hover", view.state.doc.toString(), place);
  if (found === undefined) return null;
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: card(found) }) };
}

function card({ pointer, title, detail, documentation, facts, examples }) {
  const dom = part("div", "card", undefined, part("h2", "", `${title ?? pointer.split("/").at(-1)} · ${detail}`));
  dom.append(...[documentation, ...facts].filter((text) => text !== undefined).map((text) => part("p", "", text)));
  const shown = examples.map((example) => (typeof example === "string" ? example : JSON.stringify(example)));
  if (shown.length > 0) dom.append(part("code", "", shown.join("  ")));
  return dom;
}

/**
 * Makes an editor. `judge(text)` answers the problems of a text; `onChange(text)` and `onPlace(line, column)` are told what
 * happens.
 */
export function makeEditor(parent, { text, label, judge, onChange, onPlace = () => {}, hint = "", helps = true }) {
  const language = new Compartment();
  const extensions = [
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    highlightSelectionMatches(),
    syntaxHighlighting(HIGHLIGHT),
    placeholder(hint),
    language.of(grammar(text)),
    EditorView.contentAttributes.of({
      "aria-label": label,
      "aria-description": "Escape, then the tabulator, leaves the editor.",
      spellcheck: "false",
    }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...searchKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
      if (update.selectionSet || update.docChanged) {
        const { head } = update.state.selection.main;
        const line = update.state.doc.lineAt(head);
        onPlace(line.number, head - line.from + 1);
      }
    }),
    linter(async (view) => marks(await judge(view.state.doc.toString()), view.state.doc.length), { delay: 150 }),
  ];
  if (helps) extensions.push(foldGutter(), lintGutter(), autocompletion({ override: [complete], icons: false }), hoverTooltip(tell));
  const begin = (doc) => EditorState.create({ doc, extensions });
  const view = new EditorView({ parent, state: begin(text) });
  return {
    view,
    /** Puts a text of its own in the place of all, with nothing to undo, or one with the state in which it was left. */
    open(next, state) {
      view.setState(state ?? begin(next));
      view.dispatch({ effects: language.reconfigure(grammar(next)), selection: view.state.selection });
    },
    get text() {
      return view.state.doc.toString();
    },
    /** Puts another text in the place of all. It can be undone. */
    replace(next) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: next },
        effects: language.reconfigure(grammar(next)),
      });
    },
    /** Shows a place. */
    show(from, to) {
      view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
  };
}

function marks(problems, length) {
  return problems
    .filter(({ span }) => span !== undefined)
    .map(({ severity, span, attribute, message, hint }) => ({
      severity,
      from: Math.min(span.start.utf16, length),
      to: Math.min(Math.max(span.end.utf16, span.start.utf16), length),
      message: `${attribute}: ${message}${hint === undefined ? "" : `; ${hint}`}`,
    }));
}
