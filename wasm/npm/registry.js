/** The kinds. */

import { only, string, wrong } from "./argument.js";
import { readable } from "./input.js";
import { parseJson } from "./json.js";
import { call } from "./module.js";
import { Kinds } from "./wasm/module.js";

/** The built-in kinds and custom kinds. */
export class Registry {
  #kinds;

  /** `definitions` are the texts of custom kinds, in YAML. */
  constructor(definitions = []) {
    const texts = typeof definitions === "string" ? [definitions] : listOf(definitions);
    texts.forEach((text, index) => readable(`definitions[${index}]`, text));
    this.#kinds = call(() => new Kinds(texts));
  }

  kinds() {
    return parseJson(call(() => this.#kinds.list()));
  }

  schema(kind) {
    string("kind", kind);
    return parseJson(call(() => this.#kinds.schema(kind)));
  }

  /** Returns the handle of a registry in the module. */
  static handle(registry) {
    if (registry === undefined) registry = builtin ??= new Registry();
    if (!(registry instanceof Registry)) throw wrong("options.registry", "a Registry of this module", registry);
    return registry.#kinds;
  }
}

let builtin;

function listOf(definitions) {
  if (typeof definitions?.[Symbol.iterator] !== "function") throw wrong("definitions", "a string, or a list of strings", definitions);
  return [...definitions];
}

/** Returns all kinds. */
export function kinds(options) {
  const handle = Registry.handle(only("options", options, ["registry"]).registry);
  return parseJson(call(() => handle.list()));
}

/** Returns the JSON Schema of the documents of a kind. */
export function schema(kind, options) {
  const handle = Registry.handle(only("options", options, ["registry"]).registry);
  string("kind", kind);
  return parseJson(call(() => handle.schema(kind)));
}
