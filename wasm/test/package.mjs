// The built package, as `make wasm` leaves it.

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");
export const PACKAGE = resolve(ROOT, "target/npm/kindstore");
export const kindstore = await import(pathToFileURL(resolve(PACKAGE, "node.js")).href);
