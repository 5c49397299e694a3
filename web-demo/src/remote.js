/** A running server, over REST: the same calls that the store in this browser has. */

import { applyAll } from "./apply.js";
import { ask } from "./rules.js";

/** For how many milliseconds a server may keep silent. */
const PATIENCE = 15_000;

/** Asks a server; what it refuses becomes an error with its message. */
async function fetched(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
  } catch {
    throw new Error(`${new URL(address).origin} does not answer, or does not let pages of ${location.origin} ask (--cors-origins)`);
  }
  const text = await answer.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error(`${new URL(address).origin} answers ${answer.status}, and no JSON: is it a kindstore server?`);
  }
  if (!answer.ok) throw new Error(body.message ?? `${answer.status}`);
  return body;
}

/** A server at an address, such as `http://127.0.0.1:8080`. */
export async function connect(address) {
  const base = new URL(address).origin;
  const known = (await ask("kinds")).filter(({ namespaced, verbs }) => namespaced && verbs.includes("list"));
  const { namespaces } = await fetched(`${base}/namespaces/v1/namespaces`);
  const all = (kind, namespace) => {
    const { group, plural } = known.find((one) => one.kind === kind);
    return `${base}${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  };
  const one = ({ kind, namespace, id }) => `${all(kind, namespace)}/${encodeURIComponent(id)}`;
  const version = ({ metadata }) => metadata.resourceVersion;
  return {
    base,
    kinds: known,
    namespaces: namespaces.map(({ name }) => name.replace(/^namespaces\//, "")),

    /** Tells all resources of a kind, and again whenever one changes; answers how to stop. */
    watch(kind, namespace, { onResources, onTrouble }) {
      const found = new Map();
      let isListed = false;
      const source = new EventSource(`${all(kind, namespace)}?watch=true&from=list&bookmarks=true`);
      const told = () => isListed && onResources([...found.values()]);
      source.onmessage = ({ data }) => {
        const { type, object } = JSON.parse(data);
        if (type === "BOOKMARK") isListed = true;
        else if (type === "DELETED") found.delete(object.metadata.id);
        else found.set(object.metadata.id, entry(object));
        told();
      };
      source.onerror = () => onTrouble(source.readyState === EventSource.CLOSED ? "the server ended the watch; connect again" : "the server does not answer; trying again");
      source.onopen = () => onTrouble("");
      return () => source.close();
    },

    async timeline(resource) {
      const { metadata, items } = await fetched(`${one(resource)}/versions`);
      return { versions: items, deleted: metadata.deleted };
    },

    async rollback(resource, number) {
      const headers = { "Content-Type": "application/json" };
      return version(await fetched(`${one(resource)}/rollback`, { method: "POST", headers, body: JSON.stringify({ version: number }) }));
    },

    async remove(resource) {
      return version(await fetched(one(resource), { method: "DELETE" }));
    },

    async undelete(resource) {
      return version(await fetched(`${one(resource)}/undelete`, { method: "POST" }));
    },

    /** Creates or replaces documents, each given as its text, or tries to; one answer for each. */
    apply(texts, documents, isDryRun) {
      return applyAll(documents, async ({ kind, metadata: { name, namespace = "default" } = {} }, index) => {
        const described = known.find((it) => it.kind === kind);
        if (described === undefined) throw new Error(`a ${kind} is not applied from here`);
        const isNew = described.keyScheme === "id" || (described.keyScheme === "name" && name === undefined);
        const key = isNew || described.keyScheme === "singleton" ? "" : `/${encodeURIComponent(name)}`;
        const type = /^\s*[{[]/.test(texts[index]) ? "application/json" : "application/yaml";
        const request = { method: isNew ? "POST" : "PUT", headers: { "Content-Type": type }, body: texts[index] };
        const stored = await fetched(`${all(kind, namespace)}${key}${isDryRun ? "?dryRun=true" : ""}`, request);
        return `${isDryRun ? "would be" : "is"} at version ${version(stored)}`;
      });
    },
  };
}

function entry({ kind, metadata: { id, name, namespace, resourceVersion }, status }) {
  return { kind, id, name: name ?? id, namespace, version: resourceVersion, state: status?.state };
}
