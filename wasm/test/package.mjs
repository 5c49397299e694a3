// The package that `make wasm` built, and the package with its shared types.

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");
export const PACKAGE = resolve(ROOT, "target/npm/kindstore");
export const TYPES = resolve(ROOT, "clients/types");
export const kindstore = await import(pathToFileURL(resolve(PACKAGE, "node.js")).href);
