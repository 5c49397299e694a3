/** Bringing texts into good form, by a module of its own that is loaded when it is needed. */

import { Internal, toError } from "./errors.js";
import start, { __wbg_reset_state as beginAnew, format as formatNow, initSync } from "./wasm/format.js";

let loading;

/** Loads the module from elsewhere than from beside this file. */
export async function initFormat(source = new URL("./wasm/format_bg.wasm", import.meta.url)) {
  loading ??= Promise.resolve(source).then((found) => start({ module_or_path: found }));
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

/** The same at once, from the bytes of the module. */
export function initFormatSync(module) {
  initSync({ module });
  loading = Promise.resolve();
}

/** A text in good form. */
export async function format(text, options = {}) {
  await initFormat();
  try {
    return formatNow(text, options.format);
  } catch (thrown) {
    const error = toError(thrown);
    // The formatter has given up: another text finds it as it was at the beginning.
    if (error instanceof Internal) beginAnew();
    throw error;
  }
}
