// Checks the types of the package: index.d.ts and index.js export the same names, types.ts uses all of them, and it compiles with
// the resolution of Node and of bundlers, with and without the types of browsers.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { demand } from "../../tests/player/judge.mjs";
import { kindstore, PACKAGE, ROOT, TYPES } from "./package.mjs";

const HERE = join(ROOT, "wasm/test");
const types = readFileSync(join(PACKAGE, "index.d.ts"), "utf8");

/** Returns the names that the types declare with these keywords. */
function declared(words) {
  return [...types.matchAll(new RegExp(`^export (?:${words}) (\\w+)`, "gm"))].map(([, name]) => name);
}

/** Returns the names that the package re-exports from @kindstore/types. */
function reexported() {
  const [, list] = /^export type \{(.*)\} from "@kindstore\/types";$/m.exec(types);
  return list.split(",").map((name) => name.trim());
}

const same = (one, other) => demand(String(one) === String(other), `the exports differ:\n${one}\n${other}`);
const values = declared("class|function|const");
if (types.includes("\nexport default ")) values.push("default");
same([...new Set(values)].sort(), Object.keys(kindstore).sort());
const used = readFileSync(join(HERE, "types.ts"), "utf8");
const names = [...declared("class|function|const|interface|type"), ...reexported()];
for (const name of names) demand(new RegExp(`\\b${name}\\b`).test(used), `types.ts does not use ${name}`);

// A separate project with both packages in node_modules.
const project = join(ROOT, "target/npm/types");
rmSync(project, { recursive: true, force: true });
mkdirSync(join(project, "node_modules/@kindstore"), { recursive: true });
// Copies, because TypeScript resolves the imports of a linked package from its real path.
cpSync(PACKAGE, join(project, "node_modules/@kindstore/wasm"), { recursive: true });
cpSync(TYPES, join(project, "node_modules/@kindstore/types"), { recursive: true });
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
console.log(`${names.length} exported names, used correctly and incorrectly: passed`);
