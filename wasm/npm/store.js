/** A store in memory with the functions of a server. */

import { count, object, only, optionalFunction, string, wrong } from "./argument.js";
import { micros, optionalText, packed } from "./input.js";
import { parseJson, writeDocument } from "./json.js";
import { call } from "./module.js";
import { Registry } from "./registry.js";
import * as module from "./wasm/module.js";
import { Watch } from "./watch.js";

/** The option with the content of an import. */
const CONTENT = Symbol("content");

/** The maximum number of operations of a transaction. */
const MAX_COMMIT = 1000;

/** A store in the memory of the module. `free` or a `using` declaration frees it. */
export class Store {
  #store;
  #now;
  #ids;
  #watches = new Set();
  #isNotifying = false;

  constructor(options) {
    const { registry, now, ids, globalDefaults, [CONTENT]: content, ...rest } = object("options", options);
    [this.#now, this.#ids] = [optionalFunction("options.now", now), optionalFunction("options.ids", ids)];
    const chosen = packed({
      ...rest,
      globalDefaults: optionalText("options.globalDefaults", globalDefaults),
      now: now && micros("options.now", now()),
      // The namespace `default` needs an id.
      ids: ids && [String(ids())],
    });
    const kinds = Registry.handle(registry);
    this.#store = call(() =>
      content === undefined ? new module.Store(kinds, chosen) : module.Store.import(kinds, chosen, content),
    );
    this.system = new System((verb, kind, key, document, options) =>
      this.#write(verb, kind, key, document, { ...object("options", options), system: true }),
    );
  }

  /** Returns a store with the content of an `export`, including the history. */
  static import(content, options) {
    if (!(content instanceof Uint8Array)) throw wrong("content", "a Uint8Array", content);
    return new Store({ ...object("options", options), [CONTENT]: content });
  }

  /** Returns the whole content. */
  export() {
    return call(() => this.#store.export());
  }

  /** The newest revision. */
  get revision() {
    return call(() => this.#store.revision());
  }

  get(kind, key = "", options) {
    return this.#read("get", kind, key, options);
  }

  list(kind, options) {
    const found = [];
    for (let pageToken = ""; ; ) {
      const page = this.listPage(kind, { ...object("options", options), pageToken });
      found.push(...page.resources);
      pageToken = page.nextPageToken;
      if (pageToken === "") return found;
    }
  }

  listPage(kind, options) {
    return this.#read("list", kind, "", options);
  }

  history(kind, key = "", options) {
    const versions = [];
    for (let pageToken = ""; ; ) {
      const page = this.historyPage(kind, key, { ...object("options", options), pageToken });
      versions.push(...page.versions);
      pageToken = page.nextPageToken;
      if (pageToken === "") return { versions, deleted: page.deleted, nextPageToken: "" };
    }
  }

  historyPage(kind, key = "", options) {
    return this.#read("history", kind, key, options);
  }

  version(kind, key, version, options) {
    count("version", version);
    return this.#read("version", kind, key, { ...object("options", options), version });
  }

  compare(kind, key, fromVersion, toVersion, options) {
    count("fromVersion", fromVersion);
    if (toVersion !== undefined) count("toVersion", toVersion);
    return this.#read("compare", kind, key, { ...object("options", options), version: fromVersion, toVersion });
  }

  create(kind, document, options) {
    return this.#write("create", kind, "", document, options);
  }

  upsert(kind, key, document, options) {
    return this.#write("upsert", kind, key, document, options);
  }

  patch(kind, key, patch, options) {
    return this.#write("patch", kind, key, patch, options);
  }

  jsonPatch(kind, key, patch, options) {
    return this.#write("jsonPatch", kind, key, patch, options);
  }

  delete(kind, key, options) {
    return this.#write("delete", kind, key, undefined, options);
  }

  rollback(kind, key, version, options) {
    count("version", version);
    return this.#write("rollback", kind, key, undefined, { ...object("options", options), version });
  }

  undelete(kind, key, options) {
    return this.#write("undelete", kind, key, undefined, options);
  }

  commit(namespace, operations, options) {
    const { dryRun } = only("options", options, ["dryRun"]);
    string("namespace", namespace);
    if (!Array.isArray(operations)) throw wrong("operations", "an array", operations);
    const packed = operations.map((operation, index) => {
      const { document, patch, ...request } = object(`operations[${index}]`, operation);
      const member = document === undefined || document === null ? "patch" : "document";
      return { request, document: optionalText(`operations[${index}].${member}`, document ?? patch) };
    });
    this.#prepare(Math.min(packed.length, MAX_COMMIT));
    const text = writeDocument("commit", { namespace, dryRun, operations: packed });
    return this.#notified(parseJson(call(() => this.#store.commit(text))));
  }

  /** Calls back with each change, soon after the commit. */
  watch(kind, namespace, options = {}, onEvent = undefined) {
    if (typeof options === "function") [options, onEvent] = [{}, options];
    if (typeof onEvent !== "function") throw wrong("onEvent", "a function", onEvent);
    string("kind", kind);
    if (namespace !== undefined && namespace !== null) string("namespace", namespace);
    const text = writeDocument("options", { ...object("options", options), kind, namespace });
    const watch = new Watch(
      call(() => this.#store.watch(text)),
      onEvent,
      () => this.#watches.delete(watch),
    );
    this.#watches.add(watch);
    this.#notify();
    return watch;
  }

  /** Removes the history, except this number of the newest commits. */
  compact(revisions = 0) {
    count("revisions", revisions);
    this.#prepare(0);
    return parseJson(call(() => this.#store.compact(revisions)));
  }

  /** Reads everything in the store and returns the problems. */
  check() {
    return parseJson(call(() => this.#store.check()));
  }

  /** Frees the memory and ends the watches. */
  free() {
    for (const watch of [...this.#watches]) watch.close();
    this.#store.free();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.free();
  }

  #read(verb, kind, key, options) {
    const text = requestOf(verb, kind, key, options);
    return parseJson(call(() => this.#store.read(text)));
  }

  #write(verb, kind, key, document, options) {
    const body = optionalText(verb === "patch" || verb === "jsonPatch" ? "patch" : "document", document);
    const text = requestOf(verb, kind, key, options);
    this.#prepare(1);
    return this.#notified(parseJson(call(() => this.#store.write(text, body))));
  }

  /** Sets the time, and supplies enough ids, if the caller generates them. */
  #prepare(count) {
    if (this.#now !== undefined) this.#store.setTime(micros("options.now", this.#now()));
    if (this.#ids === undefined) return;
    while (this.#store.idsLeft() < count) call(() => this.#store.giveId(String(this.#ids())));
  }

  #notified(answer) {
    this.#notify();
    return answer;
  }

  /** Notifies the watches after the current call, so that a listener never runs during a write and may write itself. */
  #notify() {
    if (this.#isNotifying || this.#watches.size === 0) return;
    this.#isNotifying = true;
    queueMicrotask(() => {
      this.#isNotifying = false;
      for (const watch of [...this.#watches]) watch.notify();
    });
  }
}

function requestOf(verb, kind, key, options) {
  string("kind", kind);
  string("key", key);
  return writeDocument("options", { ...object("options", options), verb, kind, key });
}

/** The interface for controllers, which alone can write status and system kinds. */
class System {
  #write;

  constructor(write) {
    this.#write = write;
  }

  create(kind, document, options) {
    return this.#write("create", kind, "", document, options);
  }

  patch(kind, key, patch, options) {
    return this.#write("patch", kind, key, patch, options);
  }

  delete(kind, key, options) {
    return this.#write("delete", kind, key, undefined, options);
  }
}
