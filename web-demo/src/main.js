/** The page: an editor on one side, and what a server would say on the other. */

import { attempt } from "./dom.js";
import { languageOf, makeEditor } from "./editor.js";
import { makeFiles } from "./files.js";
import { simulate } from "./patch.js";
import { showProblems } from "./problems.js";
import { makeResources } from "./resources.js";
import { makeResult } from "./result.js";
import { ask } from "./rules.js";
import { SAMPLES } from "./samples.js";
import { makeServer } from "./server.js";
import { linkTo, textOf } from "./share.js";
import { makeTabs } from "./tabs.js";
import { showValues } from "./values.js";

/** The largest file that is opened, in bytes. */
const LARGEST = 16 << 20;

const part = (id) => document.getElementById(id);
const say = (text) => (part("status").textContent = text);
let chosen = "problems";
/** Counts texts and reports: what became of a text that was applied is not hidden by what is wrong with it, which comes later. */
let [moment, edited, reported] = [0, 0, 0];
const report = (text) => {
  reported = moment += 1;
  say(text);
};

const files = makeFiles(part("files"), {
  begin: SAMPLES.Deployment,
  leave: () => editor.view.state,
  show(text, state) {
    edited = moment += 1;
    editor.open(text, state);
    nameConversion(text);
    refresh();
  },
  say,
});

const editor = makeEditor(part("editor"), {
  text: files.text,
  label: "Manifest",
  hint: "kind: Deployment",
  judge,
  onChange: (text) => {
    edited = moment += 1;
    files.change(text);
    nameConversion(text);
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

const about = { text: () => editor.text, open: (text) => files.add("resource", text), say: report };
const resources = makeResources(part("view-store"), about);
const server = makeServer(part("view-server"), about);
makeResult({ toggle: part("edit-result"), view: part("result"), text: () => editor.text, write: (text) => patch.replace(text), say });
const tabs = makeTabs(part("tabs"), (name) => {
  chosen = name;
  if (name === "store") resources.refresh();
  else refresh();
});

/** The problems of a text, which are listed as well. */
async function judge(text) {
  try {
    const problems = await ask("validate", text);
    showProblems(part("view-problems"), problems, ({ span }) => span && editor.show(span.start.utf16, span.end.utf16));
    const errors = problems.filter(({ severity }) => severity === "error").length;
    part("count").textContent = problems.length > 0 ? String(problems.length) : "";
    const warned = problems.length > 0 ? `valid, with ${count(problems.length, "warning")}` : "valid";
    if (edited >= reported) say(errors > 0 ? `${count(errors, "error")}: a server would refuse this` : warned);
    return problems;
  } catch (error) {
    say(error.message);
    return [];
  }
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
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

function nameConversion(text) {
  part("convert").textContent = languageOf(text) === "json" ? "To YAML" : "To JSON";
}

/** Puts what `make` answers in the place of the text, or says why not. */
function change(make, done) {
  return attempt(report, async () => {
    editor.replace(await make(editor.text));
    return done;
  });
}

const format = () => change((text) => ask("format", text), "in good form");

async function share() {
  const link = await linkTo(editor.text);
  history.replaceState(null, "", new URL(link).hash);
  try {
    await navigator.clipboard.writeText(link);
    say("the link is in the clipboard; the text is in the link, and nowhere else");
  } catch {
    say("the address of the page is the link now; the text is in it, and nowhere else");
  }
}

async function open(file) {
  if (file.size > LARGEST) say(`${file.name} has ${Math.round(file.size / 1e6)} MB; at most ${LARGEST >> 20} MiB are opened here`);
  else files.add(file.name, await file.text());
}

/** What the address of the page asks for: a text that was shared, or a resource of this server. */
async function follow() {
  try {
    const text = await textOf(location.hash);
    if (text !== undefined) files.add("shared", text);
    else if (location.hash.startsWith("#/")) {
      tabs.choose("server");
      if (!(await server.go(location.hash))) say(`${location.hash} leads nowhere`);
    }
  } catch (error) {
    say(error.message);
  }
}

nameConversion(editor.text);
part("format").addEventListener("click", format);
part("share").addEventListener("click", share);
part("convert").addEventListener("click", () =>
  change((text) => ask("convert", text, languageOf(text) === "json" ? "yaml" : "json"), "converted"),
);
part("sample").append(new Option("…", ""), ...Object.keys(SAMPLES).map((name) => new Option(name, name)));
part("sample").addEventListener("change", ({ target }) => {
  if (target.value !== "") files.add(target.value, SAMPLES[target.value]);
  target.value = "";
  editor.view.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.shiftKey && event.altKey && event.code === "KeyF") format();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  for (const file of event.dataTransfer?.files ?? []) open(file);
});
window.addEventListener("hashchange", follow);
follow();

// The page works without a network from its second visit on. Where no worker can be had, it needs one.
navigator.serviceWorker?.register("./sw.js").catch(() => {});
