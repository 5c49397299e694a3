// Plays the shared cases, tests/cases/**/*.yaml, through the built package in Node.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { demand } from "../../tests/player/judge.mjs";
import { play } from "../../tests/player/play.mjs";
import { kindstore, ROOT } from "./package.mjs";
import { stageOf } from "./stage.mjs";

const CASES = join(ROOT, "tests/cases");
const files = readdirSync(CASES, { recursive: true }).filter((name) => name.endsWith(".yaml")).sort();
demand(files.length >= 9, "there is a folder of cases for every kind");
let [played, failed] = [0, 0];
for (const file of files) {
  const [case_] = kindstore.parse(readFileSync(join(CASES, file), "utf8"));
  const stage = stageOf(kindstore, case_);
  try {
    played += (await play(case_, stage)).played;
    const { sound, flaws } = stage.client.check();
    demand(sound, `the store is not sound afterwards: ${JSON.stringify(flaws)}`);
  } catch (error) {
    console.error(`${file}: ${error.cause?.stack ?? error.stack}`);
    failed += 1;
  } finally {
    stage.client.free();
  }
}
console.log(`${files.length} cases, ${played} steps played, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
