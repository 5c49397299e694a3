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
    throw new Error(`${new URL(address).origin} does not answer, or does not let pages of ${location.origin} ask (--cors-origin)`);
  }
  const text = await answer.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error(`${new URL(address).origin} answers ${answer.status}, and no JSON: is it a kindstore server?`);
  }
  if (!answer.ok) throw Object.assign(new Error(body.message ?? `${answer.status}`), { status: answer.status, problems: body.errors });
  return body;
}

/** A server at an address, such as `http://127.0.0.1:8080`. */
export async function connect(address) {
  const base = new URL(address).origin;
  const kinds = await ask("kinds");
  const known = kinds.filter(({ namespaced, verbs }) => namespaced && verbs.includes("list"));
  const spaces = async () => (await fetched(`${base}/namespaces/v1/namespaces`)).namespaces.map(({ name }) => name.replace(/^namespaces\//, ""));
  const namespaces = await spaces();
  const all = (kind, namespace) => {
    const { group, plural } = known.find((one) => one.kind === kind);
    return `${base}${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  };
  const one = ({ kind, namespace, id }) => `${all(kind, namespace)}/${encodeURIComponent(id)}`;
  const version = ({ metadata }) => metadata.resourceVersion;
  return {
    base,
    kinds: known,
    namespaces,
    spaces,

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

    /** Creates or replaces the documents of a text, or tries to; those without a namespace go to this one. One answer for each. */
    async apply(text, namespace, isDryRun) {
      const target = { kinds: kinds.filter(({ kind, namespaced }) => namespaced || kind === "Namespace"), namespace, hasNamespace, single, commit };
      return applyAll(await ask("manifests", text, { to: "yaml" }), target, isDryRun);
    },
  };

  async function hasNamespace(name) {
    return (await spaces()).includes(name);
  }

  async function single({ name = "" }, isDryRun) {
    if (await hasNamespace(name)) return { done: "unchanged", tried: "is there" };
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ name: `namespaces/${name}` });
    await fetched(`${base}/namespaces/v1/namespaces${isDryRun ? "?dryRun=true" : ""}`, { method: "POST", headers, body });
    return { done: "is created", tried: "would be created" };
  }

  async function commit(namespace, operations, isDryRun) {
    const address = `${base}/api/v1/namespaces/${encodeURIComponent(namespace)}:batch${isDryRun ? "?dryRun=true" : ""}`;
    const body = `operations:\n${operations.map(operation).join("")}`;
    const { items } = await fetched(address, { method: "POST", headers: { "Content-Type": "application/yaml" }, body });
    return items.map(({ resource }) => ({ done: `is at version ${version(resource)}`, tried: `would be at version ${version(resource)}` }));
  }
}

/** An operation of a transaction, whose document keeps the spelling of its numbers. */
function operation({ kind, text, isNew, key }) {
  const word = isNew ? "operation: create" : `operation: upsert\n  name: ${JSON.stringify(key)}`;
  return `- ${word}\n  kind: ${JSON.stringify(kind)}\n  document:\n${text.replaceAll(/^(?=.)/gm, "    ")}`;
}

function entry({ kind, metadata: { id, name, namespace, resourceVersion }, status }) {
  return { kind, id, name: name ?? id, namespace, version: resourceVersion, state: status?.state };
}
