// What runs in the browser: loads the package, and plays the shared cases whose names the address of the page has.

import { play } from "/player/play.mjs";
import * as kindstore from "/kindstore/index.js";
import { stageOf } from "./stage.mjs";

const bytes = await (await fetch("/kindstore/wasm/module_bg.wasm")).arrayBuffer();
const begun = performance.now();
await Promise.all([kindstore.init(bytes), kindstore.init(bytes)]);
kindstore.validate("a: 1");
const ready = performance.now() - begun;

/** Plays cases; how many steps were played, and what failed. */
globalThis.playAll = async (names) => {
  let played = 0;
  const failures = [];
  for (const name of names) {
    const [case_] = kindstore.parse(await (await fetch(`/cases/${name}`)).text());
    const stage = stageOf(kindstore, case_);
    try {
      played += (await play(case_, stage)).played;
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    } finally {
      stage.client.free();
    }
  }
  return { played, failures, ready };
};
