/** Formats texts, with a separate module that is loaded on demand. */

import { only, optionalString } from "./argument.js";
import { Internal, toError } from "./errors.js";
import { readable } from "./input.js";
import { checkedSource } from "./module.js";
import start, { __wbg_reset_state as resetState, format as formatNow, initSync } from "./wasm/format.js";

let loading;

/** Loads the module, by default from beside this file. */
export async function initFormat(source = new URL("./wasm/format_bg.wasm", import.meta.url)) {
  checkedSource("source", source);
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
  initSync({ module: checkedSource("module", module) });
  loading = Promise.resolve();
}

/** Returns a formatted text. */
export async function format(text, options) {
  const [read, { format }] = [readable("text", text), only("options", options, ["format"])];
  optionalString("options.format", format);
  await initFormat();
  try {
    return formatNow(read, format);
  } catch (thrown) {
    const error = toError(thrown);
    // A panic leaves the state of the module undefined, so the next text gets a fresh one.
    if (error instanceof Internal) resetState();
    throw error;
  }
}
