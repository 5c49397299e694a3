/** The entry point for Node, which loads the modules during the import. */

import { readFileSync } from "node:fs";

import { initFormatSync } from "./format.js";
import { initSync } from "./module.js";

initSync(readFileSync(new URL("./wasm/module_bg.wasm", import.meta.url)));
initFormatSync(readFileSync(new URL("./wasm/format_bg.wasm", import.meta.url)));

export * from "./index.js";
export { default } from "./index.js";
