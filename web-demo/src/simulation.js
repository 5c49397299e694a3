/** The store in this browser: what a server would hold. It runs in the worker, and what is written is kept. */

import { diff, kinds, manifests, Store, stringify } from "@kindstore/wasm";

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

/** The store as a target of manifests. */
function targetOf(store) {
  const done = ({ created, changed }) => ({ done: created ? "created" : changed ? "changed" : "unchanged" });
  return {
    kinds: kinds(),
    namespace: "default",
    hasNamespace: () => true,
    single: ({ kind, name = "", text }) => done(store.upsert(kind, kinds().find((one) => one.kind === kind).keyScheme === "singleton" ? "" : name, text)),
    commit(namespace, operations, isDryRun) {
      const operation = ({ kind, text, isNew, key }) =>
        isNew ? { verb: "create", kind, document: text } : { verb: "upsert", kind, key, document: text };
      return store.commit(namespace, operations.map(operation), { dryRun: isDryRun }).results.map(done);
    },
  };
}

const version = ({ resource }) => resource.metadata.resourceVersion;

export const calls = {
  /** Creates or replaces the documents of a text, in the order in which they are applied; one answer for each. */
  apply(text) {
    return change((store) => applyAll(manifests(text), targetOf(store)));
  },

  /** The first document of a text, as YAML; undefined when there is none. */
  first(text) {
    return manifests(text, { to: "yaml" }).find(({ document }) => document === 0)?.text;
  },

  /** The patch from one text to another, as text: a merge patch, or a JSON Patch where a null is to stay. */
  patchBetween(before, after) {
    const { mergePatch, jsonPatch } = diff(before, after);
    return jsonPatch.length === 0 ? "" : stringify(mergePatch ?? jsonPatch);
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
