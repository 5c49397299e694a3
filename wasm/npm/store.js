/** A store in memory with the functions of a server. */

import { micros, optionalText, packed } from "./input.js";
import { parseJson, writeJson } from "./json.js";
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

  constructor(options = {}) {
    const { registry, now, ids, globalDefaults, [CONTENT]: content, ...rest } = options;
    [this.#now, this.#ids] = [now, ids];
    const chosen = packed({
      ...rest,
      globalDefaults: optionalText(globalDefaults),
      now: now && micros(now()),
      // The namespace `default` needs an id.
      ids: ids && [String(ids())],
    });
    const kinds = Registry.handle(registry);
    this.#store = call(() =>
      content === undefined ? new module.Store(kinds, chosen) : module.Store.import(kinds, chosen, content),
    );
    this.system = new System((verb, kind, key, document, options) =>
      this.#write(verb, kind, key, document, { ...options, system: true }),
    );
  }

  /** Returns a store with the content of an `export`, including the history. */
  static import(content, options) {
    if (!(content instanceof Uint8Array)) throw new TypeError("the content of a store must be a Uint8Array");
    return new Store({ ...options, [CONTENT]: content });
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
      const page = this.listPage(kind, { ...options, pageToken });
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
      const page = this.historyPage(kind, key, { ...options, pageToken });
      versions.push(...page.versions);
      pageToken = page.nextPageToken;
      if (pageToken === "") return { versions, deleted: page.deleted, nextPageToken: "" };
    }
  }

  historyPage(kind, key = "", options) {
    return this.#read("history", kind, key, options);
  }

  version(kind, key, version, options) {
    return this.#read("version", kind, key, { ...options, version });
  }

  compare(kind, key, fromVersion, toVersion, options) {
    return this.#read("compare", kind, key, { ...options, version: fromVersion, toVersion });
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
    return this.#write("rollback", kind, key, undefined, { ...options, version });
  }

  undelete(kind, key, options) {
    return this.#write("undelete", kind, key, undefined, options);
  }

  commit(namespace, operations, { dryRun } = {}) {
    const packed = operations.map(({ document, patch, ...request }) => ({
      request,
      document: optionalText(document ?? patch),
    }));
    this.#prepare(Math.min(packed.length, MAX_COMMIT));
    const text = writeJson({ namespace, dryRun, operations: packed });
    return this.#notified(parseJson(call(() => this.#store.commit(text))));
  }

  /** Calls back with each change, soon after the commit. */
  watch(kind, namespace, options = {}, onEvent = undefined) {
    if (typeof options === "function") [options, onEvent] = [{}, options];
    if (typeof onEvent !== "function") throw new TypeError("a watch needs a callback function");
    const text = writeJson({ ...options, kind, namespace });
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
    if (!Number.isSafeInteger(revisions) || revisions < 0) throw new TypeError(`the number of commits must be a non-negative integer, is ${revisions}`);
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
    const text = writeJson({ ...options, verb, kind, key });
    return parseJson(call(() => this.#store.read(text)));
  }

  #write(verb, kind, key, document, options) {
    const body = optionalText(document);
    const text = writeJson({ ...options, verb, kind, key });
    this.#prepare(1);
    return this.#notified(parseJson(call(() => this.#store.write(text, body))));
  }

  /** Sets the time, and supplies enough ids, if the caller generates them. */
  #prepare(count) {
    if (this.#now !== undefined) this.#store.setTime(micros(this.#now()));
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
