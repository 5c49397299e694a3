/** The store in this browser: what a server would hold. It runs in the worker, and what is written is kept. */

import { kinds, Store } from "@kindstore/wasm";

import { applyAll } from "./apply.js";
import { load, save, tokenOf } from "./keep.js";

let store;
/** Which content the store has; another page of this browser may have kept other content since. */
let token;
/** Why what was kept could not be opened, or is not kept any more. */
let trouble;

const OPTIONS = { plainSecrets: true };

/** The store with what was kept last. What cannot be opened stays where it is until something is written. */
async function opened() {
  try {
    const newest = await tokenOf();
    if (store !== undefined && newest === token) return store;
    const content = await load();
    const other = content === undefined ? new Store(OPTIONS) : Store.import(content, OPTIONS);
    store?.free();
    [store, token] = [other, newest];
  } catch (error) {
    trouble = `what was kept in this browser cannot be opened: ${error.message}`;
    store ??= new Store(OPTIONS);
  }
  return store;
}

/** Does something to the newest content and keeps what comes of it, while no other page of this browser does. */
function change(act) {
  const alone = navigator.locks ? (use) => navigator.locks.request("kindstore", use) : (use) => use();
  return alone(async () => {
    const answer = await act(await opened());
    try {
      token = `${Date.now()} ${Math.random()}`;
      await save(store.export(), token);
    } catch (error) {
      trouble = `this browser keeps nothing: ${error.message}`;
    }
    return answer;
  });
}

const version = ({ resource }) => resource.metadata.resourceVersion;

export const calls = {
  /** Creates or replaces documents, each given as its text; one answer for each. */
  apply(texts, documents) {
    return change((store) =>
      applyAll(documents, (document, index) => {
        const { kind, metadata: { name = "", namespace } = {} } = document ?? {};
        const options = namespace === undefined ? {} : { namespace };
        const keyScheme = kinds().find((one) => one.kind === kind)?.keyScheme;
        const key = keyScheme === "singleton" ? "" : name;
        const isNew = keyScheme === "id";
        const written = isNew ? store.create(kind, texts[index], options) : store.upsert(kind, key, texts[index], options);
        return written.created ? "created" : written.changed ? "changed" : "unchanged";
      }),
    );
  },

  /** All resources that people apply, with what is wrong with keeping them. */
  async resources() {
    const store = await opened();
    const namespaces = store.list("Namespace").map(({ metadata }) => metadata.name);
    const applied = kinds().filter(({ verbs }) => verbs.includes("list") && verbs.includes("create"));
    const found = applied.flatMap(({ kind, namespaced }) =>
      (namespaced ? namespaces : [null]).flatMap((namespace) => store.list(kind, { namespace })),
    );
    const entry = ({ kind, metadata: { id, name = id, namespace = null, resourceVersion } }) => ({ kind, id, name, namespace, version: resourceVersion });
    // The namespace that is there from the start was made by nobody.
    const isMade = ({ kind, name }) => kind !== "Namespace" || name !== "default";
    return { resources: found.map(entry).filter(isMade), trouble };
  },

  /** The versions of a resource, the newest first. */
  async timeline({ kind, id, namespace }) {
    return (await opened()).history(kind, id, { namespace });
  },

  rollback({ kind, id, namespace }, number) {
    return change((store) => version(store.rollback(kind, id, number, { namespace })));
  },

  remove({ kind, id, namespace }) {
    return change((store) => version(store.delete(kind, id, { namespace })));
  },

  undelete({ kind, id, namespace }) {
    return change((store) => version(store.undelete(kind, id, { namespace })));
  },

  async exported() {
    return (await opened()).export();
  },

  /** Puts other content in the place of all; nothing changes when it cannot be read. */
  imported(content) {
    return change((before) => {
      const other = Store.import(content, OPTIONS);
      before.free();
      [store, trouble] = [other, undefined];
      return other.revision;
    });
  },
};
