/** The kinds. */

import { parseJson } from "./json.js";
import { call } from "./module.js";
import { Kinds } from "./wasm/module.js";

/** The built-in kinds and custom kinds. */
export class Registry {
  #kinds;

  /** `definitions` are the texts of custom kinds, in YAML. */
  constructor(definitions = []) {
    const texts = typeof definitions === "string" ? [definitions] : [...definitions];
    this.#kinds = call(() => new Kinds(texts));
  }

  kinds() {
    return parseJson(call(() => this.#kinds.list()));
  }

  schema(kind) {
    return parseJson(call(() => this.#kinds.schema(kind)));
  }

  /** Returns the handle of a registry in the module. */
  static handle(registry) {
    if (registry === undefined) registry = builtin ??= new Registry();
    if (!(registry instanceof Registry)) throw new TypeError("the registry is not a Registry of this module");
    return registry.#kinds;
  }
}

let builtin;

/** Returns all kinds. */
export function kinds({ registry } = {}) {
  return parseJson(call(() => Registry.handle(registry).list()));
}

/** Returns the JSON Schema of the documents of a kind. */
export function schema(kind, { registry } = {}) {
  return parseJson(call(() => Registry.handle(registry).schema(kind)));
}
