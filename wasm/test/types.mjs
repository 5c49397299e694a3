// The types of the package say what it has, and TypeScript takes what is right and refuses what is wrong: the names that
// index.d.ts and index.js export are the same, types.ts has them all, and it compiles as in Node and as with a bundler, with a
// browser around it and without.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { demand } from "../../tests/player/judge.mjs";
import { kindstore, PACKAGE, ROOT } from "./package.mjs";

const HERE = join(ROOT, "wasm/test");
const types = readFileSync(join(PACKAGE, "index.d.ts"), "utf8");

/** What the types export under these words. */
function declared(words) {
  return [...types.matchAll(new RegExp(`^export (?:${words}) (\\w+)`, "gm"))].map(([, name]) => name);
}

const same = (one, other) => demand(String(one) === String(other), `the exports differ:\n${one}\n${other}`);
const values = declared("class|function|const");
if (types.includes("\nexport default ")) values.push("default");
same([...new Set(values)].sort(), Object.keys(kindstore).sort());
const used = readFileSync(join(HERE, "types.ts"), "utf8");
const names = declared("class|function|const|interface|type");
for (const name of names) demand(new RegExp(`\\b${name}\\b`).test(used), `types.ts does not use ${name}`);

// A project of its own that has the package as one that was installed.
const project = join(ROOT, "target/npm/types");
rmSync(project, { recursive: true, force: true });
mkdirSync(join(project, "node_modules"), { recursive: true });
symlinkSync(PACKAGE, join(project, "node_modules/kindstore"), "dir");
writeFileSync(join(project, "package.json"), '{"type": "module"}');
cpSync(join(HERE, "types.ts"), join(project, "types.ts"));

const tsc = join(HERE, "node_modules/typescript/bin/tsc");
const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"];
for (const lib of ["es2022", "es2022,dom"]) {
  for (const [module, resolution] of [["esnext", "bundler"], ["node16", "node16"]]) {
    const words = [...strict, "--lib", lib, "--module", module, "--moduleResolution", resolution, "types.ts"];
    try {
      execFileSync(process.execPath, [tsc, ...words], { cwd: project, encoding: "utf8" });
    } catch (error) {
      throw new Error(`tsc ${words.join(" ")}\n${error.stdout}`);
    }
  }
}
console.log(`${names.length} exported names, used rightly and wrongly: passed`);
