/** The wasm module: loading it, and calling into it. */

import { toError } from "./errors.js";
import start, { initSync as startNow } from "./wasm/module.js";

let isReady = false;
/** What is under way: a second instance would not know the stores of the first one. */
let loading;

/**
 * Loads the module; everything else works once it is there. Without an argument it is fetched from beside this file. A second
 * call waits for the first one.
 */
export async function init(source = new URL("./wasm/module_bg.wasm", import.meta.url)) {
  if (isReady) return;
  loading ??= load(source);
  try {
    await loading;
  } finally {
    loading = undefined;
  }
}

async function load(source) {
  await start({ module_or_path: await source });
  isReady = true;
}

/** The same at once, from the bytes of the module or from a compiled one. */
export function initSync(module) {
  if (isReady) return;
  startNow({ module });
  isReady = true;
}

/** Calls into the module. What it throws becomes a typed error. */
export function call(use) {
  if (!isReady) throw new Error("kindstore is not loaded yet: await its init() first");
  try {
    return use();
  } catch (thrown) {
    throw toError(thrown);
  }
}
