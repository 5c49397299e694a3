/** The entry of Node: the module is loaded at once. */

import { readFileSync } from "node:fs";

import { initSync } from "./module.js";

initSync(readFileSync(new URL("./wasm/module_bg.wasm", import.meta.url)));

export * from "./index.js";
export { default } from "./index.js";
