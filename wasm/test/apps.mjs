// Uses the output of `npm pack` as users do: in a Node script, in a plain HTML page, and in a fresh Vite app, built and served by its
// development server. Runs the examples of the README.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { demand } from "../../tests/player/judge.mjs";
import { withBrowser } from "./browser.mjs";
import { PACKAGE, ROOT, TYPES } from "./package.mjs";
import { serve } from "./serve.mjs";

const APPS = join(ROOT, "target/npm/apps");
rmSync(APPS, { recursive: true, force: true });
mkdirSync(APPS, { recursive: true });

/** Runs a command in a folder and returns its output. */
function run(folder, command, ...words) {
  return execFileSync(command, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Returns the first example of a text in a language. */
function example(text, language) {
  const found = new RegExp("```" + language + "\\n(.*?)```", "s").exec(text);
  demand(found !== null, `there is no example in ${language}`);
  return found[1];
}

/** Packs a package; returns the path of its archive and the paths of its files. */
function pack(folder) {
  const words = ["pack", "--json", "--loglevel=error", "--pack-destination", APPS];
  // npm prints the output of scripts before the JSON.
  const [{ filename, files }] = JSON.parse(run(folder, "npm", ...words).replace(/^[^[]*/, ""));
  return [join(APPS, filename), files.map(({ path }) => path)];
}

const [archive, files] = pack(PACKAGE);
// The registry does not have this version of the types yet, so both archives are installed together.
const [types] = pack(TYPES);
for (const wanted of ["index.js", "index.d.ts", "node.js", "wasm/module_bg.wasm", "README.md", "LICENSE"]) {
  demand(files.includes(wanted), `${wanted} is missing in ${archive}`);
}
const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");

function nodeScript() {
  const folder = join(APPS, "node");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"name": "app", "private": true, "type": "module"}');
  run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", types, archive);
  const [, script] = readme.split("## Use it in Node");
  writeFileSync(join(folder, "app.js"), example(script, "js"));
  const printed = run(folder, process.execPath, "app.js");
  demand(printed.includes("12345678901234567890n") && printed.includes("ADDED jobs"), `the Node script printed ${printed}`);
  console.log("a Node script: passed");
}

/** Opens a page, waits for its output and checks it. */
async function says(open, address, expected) {
  const page = await open(address);
  await page.waitForFunction(() => document.querySelector("#out")?.textContent);
  const said = await page.textContent("#out");
  demand(expected.test(said), `${address} says ${said}`);
}

async function plainPages(open) {
  const folder = join(APPS, "plain");
  mkdirSync(folder);
  run(folder, "tar", "-xzf", archive);
  const project = readFileSync(join(ROOT, "README.md"), "utf8");
  const roots = { "/kindstore/": join(folder, "package") };
  const pages = { "/package.html": readme, "/project.html": project };
  for (const [path, text] of Object.entries(pages)) roots[path] = `<!doctype html><title>kindstore</title>\n${example(text, "html")}`;
  // The examples contain inline scripts.
  const policy = "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self'";
  const { address, stop } = await serve(roots, policy);
  try {
    for (const path of Object.keys(pages)) await says(open, address + path, /^3: spec.kubernetes is required\njobs 1$/);
  } finally {
    stop();
  }
  console.log("plain HTML pages: passed");
}

async function viteApp(open) {
  const folder = join(APPS, "vite");
  cpSync(join(ROOT, "wasm/test/vite"), folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  run(folder, "npm", "ci", "--silent", "--no-audit", "--no-fund");
  run(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", "--no-save", types, archive);
  run(folder, "npm", "run", "--silent", "build");
  const { address, stop } = await serve({ "/": join(folder, "dist") });
  const expected = /^did you mean Deployment\? jobs function$/;
  try {
    await says(open, `${address}/`, expected);
  } finally {
    stop();
  }
  const { createServer } = await import(pathToFileURL(join(folder, "node_modules/vite/dist/node/index.js")).href);
  const server = await createServer({ root: folder, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  try {
    await server.listen();
    await says(open, server.resolvedUrls.local[0], expected);
  } finally {
    await server.close();
  }
  console.log("a fresh Vite app, built and in development: passed");
}

nodeScript();
await withBrowser(async (open) => {
  await plainPages(open);
  await viteApp(open);
});
