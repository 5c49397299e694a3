// What the built package reaches, in Node and in Chromium: `node wasm.mjs FIGURE...` with the documents as JSON on its standard
// input (`text`, `target`, `patches`, `calls`). Prints figures by name, as scenarios do.

import { deepStrictEqual, ok } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

import peer from "json-merge-patch";

import { withBrowser } from "../../wasm/test/browser.mjs";
import { kindstore, PACKAGE, ROOT } from "../../wasm/test/package.mjs";
import { serve } from "../../wasm/test/serve.mjs";
import { initSync } from "../../target/npm/kindstore/wasm/module.js";

const ROUNDS = 21;
/** After this the module is compiled as well as it will be. */
const WARMING_MS = 1000;
const ROUND_MS = 25;
/** How often a browser is started. */
const BROWSERS = 7;

const given = JSON.parse(readFileSync(0, "utf8"));
const { mergePatch, simulatePatch, Store, validate } = kindstore;

/** Microseconds for each call, over as many calls as take some time. */
function time(call, millis = ROUND_MS) {
  const begun = performance.now();
  let [calls, passed] = [0, 0];
  for (; passed < millis; passed = performance.now() - begun) for (let left = 8; left > 0; left -= 1) call(calls++);
  return (passed * 1000) / calls;
}

/** The round in the middle, by what orders them. */
function middle(rounds, order) {
  return rounds.sort((one, two) => order(one) - order(two))[rounds.length >> 1];
}

/** Judging a manifest. */
function judging() {
  const call = () => validate(given.text);
  deepStrictEqual(call(), []);
  time(call, WARMING_MS);
  return { "wasm.validate": time(call, 4 * ROUND_MS) };
}

/** A merge patch from text to text, beside what JavaScript has for that, in turns. */
function patching() {
  const { target, patches } = given;
  const ours = (number) => mergePatch(target, patches[number % patches.length]);
  const theirs = (number) => JSON.stringify(peer.apply(JSON.parse(target), JSON.parse(patches[number % patches.length])));
  patches.forEach((_, number) => deepStrictEqual(JSON.parse(ours(number)), JSON.parse(theirs(number))));
  for (const call of [ours, theirs]) time(call, WARMING_MS);
  const rounds = Array.from({ length: ROUNDS }, () => [time(ours), time(theirs)]);
  const [our, its] = middle(rounds, ([our, its]) => our / its);
  return { "wasm.merge-patch": our, "wasm.peer-merge-patch": its };
}

/** From the bytes of the module to the first answer, each time in a browser that knows nothing yet. */
async function starting() {
  const { address, stop } = await serve({
    "/": '<!doctype html><title>start</title><script type="module" src="/test/page.mjs"></script>',
    "/test/": join(ROOT, "wasm/test"),
    "/player/": join(ROOT, "tests/player"),
    "/kindstore/": PACKAGE,
  });
  const times = [];
  const once = async (open) => {
    const page = await open(`${address}/`);
    await page.waitForFunction(() => globalThis.playAll !== undefined);
    times.push((await page.evaluate(() => globalThis.playAll([]))).ready);
  };
  try {
    for (let left = BROWSERS; left > 0; left -= 1) await withBrowser(once);
  } finally {
    stop();
  }
  return { "wasm.ready-ms": middle(times, (time) => time) };
}

/** By how much the memory of the module grows over many calls of each function, after it was warmed up. */
function growing() {
  const { text, target, patches, calls } = given;
  const { memory } = initSync();
  const run = (rounds) => {
    for (let round = 0; round < rounds; round += 1) {
      const patch = patches[round % patches.length];
      validate(text);
      mergePatch(target, patch);
      simulatePatch(target, patch);
      new Store().free();
    }
  };
  ok(simulatePatch(target, patches[0]).changed);
  run(1000);
  const before = memory.buffer.byteLength;
  run(calls);
  return { "wasm.memory-bytes": memory.buffer.byteLength, "wasm.growth-bytes": memory.buffer.byteLength - before };
}

function size() {
  const bytes = readFileSync(join(PACKAGE, "wasm/module_bg.wasm"));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { "wasm.brotli-bytes": brotli.length };
}

const figures = { judging, patching, starting, growing, size };
const found = {};
for (const name of process.argv.slice(2)) Object.assign(found, await figures[name]());
console.log(JSON.stringify(found));
