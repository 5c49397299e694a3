/** Loads the wasm module and calls it. */

import { wrong } from "./argument.js";
import { toError } from "./errors.js";
import start, { initSync as startNow } from "./wasm/module.js";

let isReady = false;
/** The load in progress: a second instance would not have the stores of the first one. */
let loading;

/**
 * Loads the module, which all other functions need, by default from beside this file. A second call waits for the first one.
 */
export async function init(source = new URL("./wasm/module_bg.wasm", import.meta.url)) {
  checkedSource("source", source);
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

/** Loads the module synchronously from its bytes or from a `WebAssembly.Module`. */
export function initSync(module) {
  checkedSource("module", module);
  if (isReady) return;
  startNow({ module });
  isReady = true;
}

/** Calls the module and converts its errors to classes. */
export function call(use) {
  if (!isReady) throw new Error("the module is not loaded; await init() first");
  try {
    return use();
  } catch (thrown) {
    throw toError(thrown);
  }
}

/** Returns a module, its bytes, its address or a response with it. */
export function checkedSource(name, source) {
  const isSource = typeof source === "string" || (typeof source === "object" && source !== null);
  if (!isSource) throw wrong(name, "an address, bytes, a WebAssembly.Module or a Response", source);
  return source;
}
