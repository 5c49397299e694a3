/** The store in this browser: what a server would hold. It runs in the worker, and what is written is kept. */

import { kinds, Store } from "kindstore";

import { load, save } from "./keep.js";

let store;
/** Why what was kept could not be opened, or is not kept any more. */
let trouble;

/** Opens the store with what was kept. What cannot be opened stays where it is until something is written. */
async function opened() {
  if (store !== undefined) return store;
  try {
    const content = await load();
    store = content === undefined ? new Store({ plainSecrets: true }) : Store.import(content, { plainSecrets: true });
  } catch (error) {
    trouble = `what was kept in this browser cannot be opened: ${error.message}`;
    store = new Store({ plainSecrets: true });
  }
  return store;
}

async function kept(answer) {
  try {
    await save(store.export());
  } catch (error) {
    trouble = `this browser keeps nothing: ${error.message}`;
  }
  return answer;
}

/** The kinds whose resources people apply. */
function applied() {
  return kinds().filter(({ verbs }) => verbs.includes("list") && verbs.includes("create"));
}

export const calls = {
  /** Creates or replaces documents, each given as its text; one answer for each. */
  async apply(texts, documents) {
    const store = await opened();
    const answers = documents.map((document, index) => {
      const { kind, metadata: { name, namespace } = {} } = document ?? {};
      const title = `${kind ?? "document"} ${name ?? ""}`.trim();
      try {
        const options = { ...(namespace === undefined ? {} : { namespace }), fieldValidation: "warn" };
        const is = kinds().find((one) => one.kind === kind);
        const written =
          is?.keyScheme === "id" ? store.create(kind, texts[index], options) : store.upsert(kind, is?.keyScheme === "singleton" ? "" : (name ?? ""), texts[index], options);
        return { title, word: written.created ? "created" : written.changed ? "changed" : "unchanged" };
      } catch (error) {
        return { title, error: error.message };
      }
    });
    return kept(answers);
  },

  /** All resources, with what is wrong with keeping them. */
  async resources() {
    const store = await opened();
    const namespaces = store.list("Namespace").map(({ metadata }) => metadata.name);
    const found = applied().flatMap(({ kind, namespaced }) =>
      (namespaced ? namespaces : [null]).flatMap((namespace) => store.list(kind, { namespace })),
    );
    const resources = found.map(({ kind, metadata: { id, name, namespace = null, resourceVersion } }) => ({ kind, id, name: name ?? id, namespace, version: resourceVersion }));
    return { resources: resources.filter(({ kind, name }) => kind !== "Namespace" || name !== "default"), revision: store.revision, trouble };
  },

  /** The versions of a resource, the newest first. */
  async timeline({ kind, id, namespace }) {
    return (await opened()).history(kind, id, { namespace });
  },

  async rollback({ kind, id, namespace }, version) {
    return kept((await opened()).rollback(kind, id, version, { namespace }).resource.metadata.resourceVersion);
  },

  async remove({ kind, id, namespace }) {
    return kept((await opened()).delete(kind, id, { namespace }).resource.metadata.resourceVersion);
  },

  async undelete({ kind, id, namespace }) {
    return kept((await opened()).undelete(kind, id, { namespace }).resource.metadata.resourceVersion);
  },

  async exported() {
    return (await opened()).export();
  },

  /** Puts other content in the place of all; nothing changes when it cannot be read. */
  async imported(content) {
    const other = Store.import(content, { plainSecrets: true });
    store?.free();
    [store, trouble] = [other, undefined];
    return kept(other.revision);
  },
};
