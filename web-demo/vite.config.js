// Builds into target/web-demo, which `kindstore serve --app-dir` serves at /app.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const root = import.meta.dirname;
const outDir = resolve(root, "../target/web-demo");

/** Writes the service worker with the list of all files, so that the page works without a network. */
const offline = {
  name: "offline",
  apply: "build",
  writeBundle() {
    const entries = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries.map(({ parentPath, name }) => resolve(parentPath, name).slice(outDir.length + 1)).sort();
    const hash = createHash("sha256");
    for (const file of files) hash.update(file).update(readFileSync(resolve(outDir, file)));
    const worker = readFileSync(resolve(root, "src/offline.js"), "utf8");
    const version = hash.digest("hex").slice(0, 16);
    writeFileSync(resolve(outDir, "sw.js"), `const VERSION = "${version}";\nconst FILES = ${JSON.stringify(files)};\n${worker}`);
  },
};

export default {
  root,
  // Wherever it is served, its files are beside the page.
  base: "./",
  resolve: { alias: { "@kindstore/wasm": resolve(root, "../target/npm/kindstore/index.js") } },
  worker: { format: "es" },
  plugins: [offline],
  build: {
    outDir,
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // The policy of the page lets nothing be inlined.
    assetsInlineLimit: 0,
  },
};
