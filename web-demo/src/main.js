/** The page: an editor on one side, and what a server would say on the other. */

import { languageOf, makeEditor } from "./editor.js";
import { simulate } from "./patch.js";
import { showProblems } from "./problems.js";
import { makeResources } from "./resources.js";
import { ask } from "./rules.js";
import { SAMPLES } from "./samples.js";
import { makeTabs } from "./tabs.js";
import { showValues } from "./values.js";

const KEPT = "kindstore.manifest";
const part = (id) => document.getElementById(id);
let chosen = "problems";

const editor = makeEditor(part("editor"), {
  text: kept() ?? SAMPLES.Deployment,
  label: "Manifest",
  hint: "kind: Deployment",
  judge,
  onChange: (text) => {
    keep(text);
    part("convert").textContent = languageOf(text) === "json" ? "To YAML" : "To JSON";
    refresh();
  },
  onPlace: (line, column) => (part("place").textContent = `line ${line}, column ${column}`),
});

const patch = makeEditor(part("patch"), {
  text: "",
  label: "Patch",
  hint: "spec:\n  state: CANCELLED",
  judge: (text) => simulate(part("outcome"), editor.text, text),
  onChange: () => {},
  helps: false,
});

const resources = makeResources(part("view-store"), { text: () => editor.text, open: (text) => editor.replace(text), say });

/** The problems of a text, which are listed as well. */
async function judge(text) {
  try {
    const problems = await ask("validate", text);
    showProblems(part("view-problems"), problems, ({ span }) => span && editor.show(span.start.utf16, span.end.utf16));
    const errors = problems.filter(({ severity }) => severity === "error").length;
    part("count").textContent = problems.length > 0 ? String(problems.length) : "";
    say(errors > 0 ? `${count(errors, "error")}: a server would refuse this` : problems.length > 0 ? `valid, with ${count(problems.length, "warning")}` : "valid");
    return problems;
  } catch (error) {
    say(error.message);
    return [];
  }
}

/** What the open view shows of the text. */
async function refresh() {
  if (chosen === "values") {
    try {
      showValues(part("view-values"), (await ask("withDefaults", editor.text)).values, "This document has no spec.");
    } catch (error) {
      showValues(part("view-values"), [], error.message);
    }
  }
  if (chosen === "patch") await simulate(part("outcome"), editor.text, patch.text);
}

/** Puts what `make` answers in the place of the text, or says why not. */
async function change(make, done) {
  try {
    editor.replace(await make(editor.text));
    say(done);
  } catch (error) {
    say(error.message);
  }
}

const format = () => change((text) => ask("format", text), "in good form");

part("format").addEventListener("click", format);
part("convert").addEventListener("click", () =>
  change((text) => ask("convert", text, languageOf(text) === "json" ? "yaml" : "json"), "converted"),
);
part("sample").append(new Option("…", ""), ...Object.keys(SAMPLES).map((name) => new Option(name, name)));
part("sample").addEventListener("change", ({ target }) => {
  if (target.value !== "") editor.replace(SAMPLES[target.value]);
  target.value = "";
  editor.view.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.shiftKey && event.altKey && event.code === "KeyF") format();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", async (event) => {
  const file = event.dataTransfer?.files[0];
  if (file === undefined) return;
  event.preventDefault();
  if (file.size > 16 << 20) say(`${file.name} has ${Math.round(file.size / 1e6)} MB; at most 16 MB are opened here`);
  else editor.replace(await file.text());
});
makeTabs(part("tabs"), (name) => {
  chosen = name;
  if (name === "store") resources.refresh();
  else refresh();
});

function say(text) {
  part("status").textContent = text;
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** The text of the last visit, where the browser keeps any. */
function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(text) {
  try {
    localStorage.setItem(KEPT, text);
  } catch {
    say("this browser keeps nothing: the text is gone with the page");
  }
}

// The page works without a network from its second visit on. Where no worker can be had, it needs one.
navigator.serviceWorker?.register("./sw.js").catch(() => {});
