/** Formats texts, with a separate module that is loaded on demand. */

import { Internal, toError } from "./errors.js";
import start, { __wbg_reset_state as resetState, format as formatNow, initSync } from "./wasm/format.js";

let loading;

/** Loads the module, by default from beside this file. */
export async function initFormat(source = new URL("./wasm/format_bg.wasm", import.meta.url)) {
  loading ??= Promise.resolve(source).then((found) => start({ module_or_path: found }));
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

/** Loads the module synchronously from its bytes. */
export function initFormatSync(module) {
  initSync({ module });
  loading = Promise.resolve();
}

/** Returns a formatted text. */
export async function format(text, options = {}) {
  await initFormat();
  try {
    return formatNow(text, options.format);
  } catch (thrown) {
    const error = toError(thrown);
    // A panic leaves the state of the module undefined, so the next text gets a fresh one.
    if (error instanceof Internal) resetState();
    throw error;
  }
}
