// Random manifests, patches and stores get the same answers from the module as natively, byte for byte. The program
// wasm/examples/native makes them up and writes down what it is answered; here the module is asked the same.
// KINDSTORE_SEED=N repeats a run.

import { execFileSync } from "node:child_process";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { PACKAGE, ROOT } from "./package.mjs";

/** How many differences are shown in full. */
const SHOWN = 5;
/** How many manifests and patches there are at least. */
const LEAST = 10_000;

const module = await import(pathToFileURL(join(PACKAGE, "wasm/module.js")).href);
module.initSync({ module: readFileSync(join(PACKAGE, "wasm/module_bg.wasm")) });
const formatter = await import(pathToFileURL(join(PACKAGE, "wasm/format.js")).href);
formatter.initSync({ module: readFileSync(join(PACKAGE, "wasm/format_bg.wasm")) });

const kinds = new module.Kinds([]);
let store;
let watches = [];

function move(next) {
  for (const watch of watches) watch.free();
  store?.free();
  [store, watches] = [next, []];
}

/** A text in form; of a failure its message. Where the formatter panics, natively that is caught. */
function format(text) {
  try {
    return formatter.format(text);
  } catch (thrown) {
    if (typeof thrown === "string") throw JSON.parse(thrown).message;
    if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
    formatter.__wbg_reset_state();
    throw "the text cannot be formatted: the formatter failed";
  }
}

/** What is asked, by the names of what is written down. Answers that are no texts become texts. */
const calls = {
  kinds(definitions) {
    const more = new module.Kinds(definitions);
    const list = more.list();
    more.free();
    return list;
  },
  schema: (kind) => kinds.schema(kind),
  validate: (text, options) => kinds.validate(text, options),
  withDefaults: (text, options) => kinds.withDefaults(text, options),
  simulatePatch: (resource, patch, options) => kinds.simulatePatch(resource, patch, options),
  complete: (text, place, options) => kinds.complete(text, place, options),
  hover: (text, place, options) => kinds.hover(text, place, options),
  manifests: (text, options) => kinds.manifests(text, options),
  parse: module.parse,
  stringify: module.stringify,
  convert: module.convert,
  format,
  diff: module.diff,
  mergePatch: module.mergePatch,
  jsonPatch: module.jsonPatch,
  open: (options) => move(new module.Store(kinds, options)),
  import: (options, content) => move(module.Store.import(kinds, options, Buffer.from(content, "hex"))),
  export: () => Buffer.from(store.export()).toString("hex"),
  revision: () => String(store.revision()),
  setTime: (micros) => store.setTime(micros),
  idsLeft: () => String(store.idsLeft()),
  giveId: (id) => store.giveId(id),
  read: (request) => store.read(request),
  write: (request, document) => store.write(request, document),
  commit: (request) => store.commit(request),
  compact: (revisions) => store.compact(revisions),
  check: () => store.check(),
  watch: (request) => void watches.push(store.watch(request)),
  event: (index) => watches[index].event(),
  cursor: (index) => watches[index].cursor(),
};

/** The answer of the module, and whether it is a failure. */
function ask(name, words) {
  try {
    return [calls[name](...words.map((word) => word ?? undefined)) ?? "", false];
  } catch (thrown) {
    if (typeof thrown !== "string") return [`it is broken: ${thrown.stack}`, true];
    return [thrown, true];
  }
}

const path = join(ROOT, "target/native.jsonl");
const run = ["run", "--quiet", "--package", "kindstore-wasm", "--example", "native", "--", path];
console.log(execFileSync("cargo", run, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trimEnd());

const counts = {};
let differences = 0;
for await (const line of createInterface({ input: createReadStream(path) })) {
  const [name, words, expected, isFailure] = JSON.parse(line);
  counts[name] = (counts[name] ?? 0) + 1;
  const [answer, failed] = ask(name, words);
  if (answer === expected && failed === isFailure) continue;
  differences += 1;
  if (differences > SHOWN) continue;
  console.error(`\n${name} ${JSON.stringify(words)}`);
  console.error(`natively${isFailure ? ", as a failure" : ""}: ${expected}`);
  console.error(`the module${failed ? ", as a failure" : ""}: ${answer}`);
}
console.log(Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", "));
const documents = ["validate", "mergePatch", "jsonPatch", "simulatePatch", "diff"].reduce((sum, name) => sum + counts[name], 0);
console.log(`${documents} manifests and patches, ${differences} differences`);
process.exitCode = differences === 0 && documents >= LEAST ? 0 : 1;
