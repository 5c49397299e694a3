/** A store in memory, with all that a server offers. */

import { micros, optionalText, packed } from "./input.js";
import { parseJson, writeJson } from "./json.js";
import { call } from "./module.js";
import { Registry } from "./registry.js";
import * as module from "./wasm/module.js";
import { Watch } from "./watch.js";

/** The option by which content comes in. */
const CONTENT = Symbol("content");

/** How many resources a commit can create. */
const MAX_COMMIT = 1000;

/** A store of resources. It lives in the module's memory: `free` gives it back, or a `using` declaration does. */
export class Store {
  #store;
  #now;
  #ids;
  #watches = new Set();
  #isTelling = false;

  constructor(options = {}) {
    const { registry, now, ids, globalDefaults, [CONTENT]: content, ...rest } = options;
    [this.#now, this.#ids] = [now, ids];
    const chosen = packed({
      ...rest,
      globalDefaults: optionalText(globalDefaults),
      now: now && micros(now()),
      // The first namespace has one, too.
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

  /** A store with the content that `export` has given, history included. */
  static import(content, options) {
    if (!(content instanceof Uint8Array)) throw new TypeError("the content of a store is a Uint8Array");
    return new Store({ ...options, [CONTENT]: content });
  }

  /** The whole content, exactly. */
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
    return this.#told(parseJson(call(() => this.#store.commit(text))));
  }

  /** Calls back with each change, soon after it was made. */
  watch(kind, namespace, options = {}, onEvent = undefined) {
    if (typeof options === "function") [options, onEvent] = [{}, options];
    if (typeof onEvent !== "function") throw new TypeError("a watch calls a function back; give one");
    const text = writeJson({ ...options, kind, namespace });
    const watch = new Watch(
      call(() => this.#store.watch(text)),
      onEvent,
      () => this.#watches.delete(watch),
    );
    this.#watches.add(watch);
    this.#tell();
    return watch;
  }

  /** Forgets the past but for so many of the newest commits. */
  compact(revisions = 0) {
    if (!Number.isSafeInteger(revisions) || revisions < 0) throw new TypeError(`${revisions} is no count of commits`);
    this.#prepare(0);
    return parseJson(call(() => this.#store.compact(revisions)));
  }

  /** Reads all, and says what is wrong with it. */
  check() {
    return parseJson(call(() => this.#store.check()));
  }

  /** Gives the memory back; watches end. */
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
    return this.#told(parseJson(call(() => this.#store.write(text, body))));
  }

  /** Tells the time, and gives as many ids as can be needed, where the caller makes them. */
  #prepare(count) {
    if (this.#now !== undefined) this.#store.setTime(micros(this.#now()));
    if (this.#ids === undefined) return;
    while (this.#store.idsLeft() < count) call(() => this.#store.giveId(String(this.#ids())));
  }

  #told(answer) {
    this.#tell();
    return answer;
  }

  /** Watches are told once whoever writes has come to an end: a listener sees the store at rest, and may write itself. */
  #tell() {
    if (this.#isTelling || this.#watches.size === 0) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const watch of [...this.#watches]) watch.tell();
    });
  }
}

/** The door for whatever manages the resources: the only one by which status and system kinds are written. */
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
