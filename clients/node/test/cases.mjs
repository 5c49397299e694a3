// Plays the shared cases, tests/cases/**/*.yaml, over gRPC and over gRPC-web against real servers.
//
// Every case has a server of its own. Steps by the system's door have no public way in, and what follows such a step
// depends on it, so a case is played up to the first one. Times come from the server's clock here, so that only their form
// is compared. What is read by `get` is compared with what REST answers, too.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";

import { connect as connectGrpc, KindstoreError, NotFound, parseJson, writeJson } from "@kindstore/client";
import { connect as connectWeb } from "@kindstore/client/web";
import { ROOT, startServer } from "./server.mjs";

const CASES = join(ROOT, "tests/cases");
const VERBS = [
  "create", "get", "list", "upsert", "patch", "json-patch", "delete", "history", "get-version", "compare", "rollback",
  "undelete", "commit", "watch",
];
const CASE_WORDS = ["about", "plainSecrets", "steps"];
const STEP_WORDS = [
  "namespace", "key", "body", "text", "format", "dryRun", "applyDefaults", "fieldValidation", "reveal", "version",
  "expect", "save", "note", "global", "labelSelector", "fieldSelector", "from", "to", "revision", "limit",
  "continue", "authored", "saveRevision", "saveContinue", "saveCursor", "operations", "repeat",
];
// The table of the documentation once more, so that a slip in it is seen.
const STATUS = {
  Invalid: 400, BadRequest: 400, NotFound: 404, MethodNotAllowed: 405, AlreadyExists: 409, Conflict: 409, Blocked: 409,
  Expired: 410, PreconditionFailed: 412, NotImplemented: 501,
};
// The kinds with a flat form in REST: the prefix of their names, and where the members of the form are in the envelope.
const FLAT = {
  Namespace: {
    prefix: "namespaces/",
    members: {
      createTime: "/metadata/createdAt",
      lifecyclePhase: "/status/lifecyclePhase",
      previewSessionClusterName: "/spec/previewSessionClusterName",
      roleBindings: "/spec/roleBindings",
    },
  },
};
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICROS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const TIMES = { createdAt: MICROS, modifiedAt: MICROS, createTime: SECONDS };
/** No event takes more milliseconds than this to come, or the case fails. */
const LONGEST = 20_000;
const NOBODY = "07070707-0707-0707-0707-070707070707";

/** Makes the request of a step; the answer in the form that cases speak of. */
async function playStep(client, address, step, verb) {
  const none = { status: 200, message: "", errors: [], warnings: [] };
  try {
    return { ...none, ...(await request(client, address, step, verb)) };
  } catch (error) {
    if (!(error instanceof KindstoreError) || STATUS[error.reason] === undefined) throw error;
    const { reason, message, violations } = error;
    return { ...none, status: STATUS[reason], reason, message, errors: violations };
  }
}

async function request(client, address, step, verb) {
  if (verb === "commit") return commit(client, step);
  const [kind, key] = [step[verb], step.key ?? ""];
  const options = { namespace: step.global === true ? null : (step.namespace ?? "default") };
  if (verb === "list") {
    const { labelSelector, fieldSelector } = step;
    const selected = { ...options, labelSelector, fieldSelector, revision: number(step.revision) };
    if (["limit", "continue", "saveRevision"].some((word) => word in step)) {
      const size = { pageSize: number(step.limit), pageToken: step.continue };
      const { resources, revision, nextPageToken: token } = await client.listPage(kind, { ...selected, ...size });
      return { items: resources.map(shown), revision, token };
    }
    // In pages of two, so that every case of a list is one of paging too.
    const items = await client.list(kind, { ...selected, pageSize: 2 });
    const streamed = [];
    for await (const item of client.streamList(kind, selected)) streamed.push(item);
    demand(text(streamed.map(shown)) === text(items.map(shown)), "the streamed list is another one");
    return { items: items.map(shown) };
  }
  if (verb === "watch") return { items: await watched(client, step, options) };
  if (["history", "get-version", "compare"].includes(verb)) return past(client, step, verb, options);
  if (verb === "get") {
    const revision = number(step.revision);
    const found = await client.get(kind, key, { ...options, reveal: step.reveal, revision });
    const isNow = !(kind in FLAT) && step.reveal !== true && revision === undefined;
    if (isNow) await compareWithRest(address, await client.kind(kind), found);
    return { document: shown(found) };
  }
  options.dryRun = step.dryRun;
  Object.assign(options, await chosen(client, step, verb, options.namespace));
  const document = step.text ?? step.body;
  const calls = {
    create: () => client.create(kind, document, options),
    upsert: () => client.upsert(kind, key, document, options),
    patch: () => client.patch(kind, key, document, options),
    "json-patch": () => client.jsonPatch(kind, key, document, options),
    delete: () => client.delete(kind, key, options),
    rollback: () => client.rollback(kind, key, Number(step.from), options),
    undelete: () => client.undelete(kind, key, options),
  };
  const written = await calls[verb]();
  return {
    status: written.created && !(kind in FLAT) ? 201 : 200,
    document: shown(written.resource),
    warnings: written.warnings.map(({ attribute, message }) => `${attribute}: ${message}`),
  };
}

/** What is chosen for a write, alone and in a transaction. */
async function chosen(client, step, verb, namespace) {
  const options = {};
  if (step.version !== undefined) {
    options.expectedVersion = Number(step.version);
    options.expectedId = await idOf(client, step[verb], step.key ?? "", namespace);
  }
  if (step.fieldValidation !== undefined) options.fieldValidation = step.fieldValidation.toLowerCase();
  if (verb === "upsert") options.withoutDefaults = step.applyDefaults === false;
  if (verb !== "delete" && step.text !== undefined) options.format = step.format ?? "yaml";
  return options;
}

async function commit(client, step) {
  const operations = [];
  for (const raw of step.operations) {
    for (let number = 0; number < Number(raw.repeat ?? 1); number += 1) {
      const one = substitute(raw, { number: String(number) });
      const word = Object.keys(one).find((name) => VERBS.includes(name));
      const verb = word === "json-patch" ? "jsonPatch" : word;
      const given = word.endsWith("patch") ? { patch: one.body } : { document: one.body };
      const options = await chosen(client, one, word, step.commit);
      operations.push({ verb, kind: one[word], key: one.key ?? "", ...given, ...options });
    }
  }
  const { results } = await client.commit(step.commit, operations, { dryRun: step.dryRun });
  return {
    items: results.map((one) => shown(one.resource)),
    words: results.map(wordOf),
    warnings: results.flatMap((one) => one.warnings).map(({ attribute, message }) => `${attribute}: ${message}`),
  };
}

function wordOf({ created, changed, deleted }) {
  if (deleted) return "deleted";
  if (created) return "created";
  return changed ? "configured" : "unchanged";
}

/** As many events of a watch as are expected, as REST tells them. */
async function watched(client, step, options) {
  const { key, labelSelector, fieldSelector, from } = step;
  const count = step.expect.events?.length ?? 1;
  const begin = from === "list" ? { list: true } : { cursor: from };
  const signal = AbortSignal.timeout(LONGEST);
  const chosen = { ...options, ...begin, key, labelSelector, fieldSelector, bookmarks: true, signal };
  const items = [];
  for await (const { type, cursor, revision, resource } of client.watch(step.watch, options.namespace, chosen)) {
    demand(cursor.startsWith(String(revision)), `the cursor ${cursor} is not of revision ${revision}`);
    items.push({ type, cursor, ...(resource === undefined ? {} : { object: shown(resource) }) });
    if (items.length === count) break;
  }
  return items;
}

/** The answers about versions. */
async function past(client, step, verb, options) {
  const [kind, key] = [step[verb], step.key ?? ""];
  if (verb === "get-version") return { document: told(await client.version(kind, key, Number(step.from), options)) };
  if (verb === "compare") {
    const found = await client.compare(kind, key, Number(step.from), number(step.to), options);
    const items = found.differences.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)),
    );
    return { document: { from: found.fromVersion, to: found.toVersion }, items };
  }
  const asked = { ...options, authoredOnly: step.authored };
  const isPage = "limit" in step || "continue" in step;
  const page = { ...asked, pageSize: number(step.limit), pageToken: step.continue };
  const history = await (isPage ? client.historyPage(kind, key, page) : client.history(kind, key, asked));
  const { deleted, nextPageToken: token } = history;
  return { document: { deleted }, items: history.versions.map(told), token };
}

/** A version as REST tells it. */
function told({ resource, endedRevision, ...version }) {
  const ended = endedRevision === undefined ? {} : { endedRevision };
  return { ...version, ...ended, resource: shown(resource) };
}

/** A count of a step, which is text where it was kept. */
function number(value) {
  return value === undefined ? undefined : Number(value);
}

async function idOf(client, kind, key, namespace) {
  try {
    return (await client.get(kind, key, { namespace })).metadata.id;
  } catch (error) {
    if (error instanceof NotFound) return NOBODY;
    throw error;
  }
}

/** The document that REST shows: the flat form where the kind has one. */
function shown(resource) {
  const document = resource.toDocument();
  const form = FLAT[resource.kind];
  if (form === undefined) return document;
  const flat = { name: form.prefix + resource.metadata.name };
  for (const [name, pointer] of Object.entries(form.members)) {
    const value = at(document, pointer);
    if (value !== undefined) flat[name] = name in TIMES ? value.replace(/\.\d+Z$/, "Z") : value;
  }
  return flat;
}

async function compareWithRest(address, kind, found) {
  const { namespace } = found.metadata;
  const parts = [...(namespace ? ["namespaces", namespace] : []), kind.plural];
  if (kind.keyScheme !== "singleton") parts.push(found.metadata.id);
  const answer = await fetch(`http://${address}${kind.group}/${parts.map(encodeURIComponent).join("/")}`);
  const answered = await answer.text();
  demand(writeJson(parseJson(answered)) === found.toText(), `REST answers ${answered}, toText() is ${found.toText()}`);
}

/** What a JSON pointer leads to; undefined when it leads nowhere. */
function at(document, pointer) {
  let found = document;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value has at least these members, at every depth; anything but an object must be equal. */
function contains(found, wanted, name = "") {
  if (isObject(found) && isObject(wanted)) {
    return Object.entries(wanted).every(([name, value]) => Object.hasOwn(found, name) && contains(found[name], value, name));
  }
  if (name in TIMES) return TIMES[name].test(found);
  return text(found) === text(wanted);
}

/** A value as text with sorted members: a number and a bigint of the same value are the same there. */
function text(value) {
  const sorted = (value) => {
    if (Array.isArray(value)) return value.map(sorted);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
  };
  return value === undefined ? "" : writeJson(sorted(value));
}

/** Throws when the answer is not as expected. */
function check(answer, expected) {
  const judges = {
    status: (wanted) => wanted === BigInt(answer.status),
    reason: (wanted) => wanted === answer.reason,
    message: (wanted) => answer.message.includes(wanted),
    errors: (wanted) =>
      answer.errors.length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([attribute, one]) =>
        answer.errors.some((found) => found.field === attribute && isError(found, one)),
      ),
    object: (wanted) => answer.document !== undefined && contains(answer.document, wanted),
    equal: (wanted) => answer.document !== undefined && text(answer.document.spec) === text(wanted),
    absent: (wanted) =>
      answer.document !== undefined && wanted.every((pointer) => at(answer.document, pointer) === undefined),
    names: (wanted) =>
      answer.items !== undefined && text(answer.items.map((item) => item.metadata?.name ?? item.name)) === text(wanted),
    entries: (wanted) =>
      answer.items?.length === wanted.length && wanted.every((one, index) => contains(answer.items[index], one)),
    events: (wanted) => text(eventsOf(answer)) === text(wanted),
    more: (wanted) => wanted === ((answer.token ?? "") !== ""),
    results: (wanted) => answer.words !== undefined && text(answer.words) === text(wanted),
    count: (wanted) => BigInt(answer.items?.length ?? -1) === wanted,
    warnings: (wanted) =>
      answer.warnings.length === wanted.length && wanted.every((start, index) => answer.warnings[index].startsWith(start)),
  };
  for (const [word, wanted] of Object.entries(expected)) {
    demand(word in judges, `unknown word ${word} in expect`);
    demand(judges[word](wanted), `${word} is not as expected in ${text(answer)}`);
  }
  demand("status" in expected || answer.status < 300, `what is not expected to fail failed: ${text(answer)}`);
}

/** The events of a watch: what happened, and of resources the name and the version. */
function eventsOf(answer) {
  return answer.items?.map(({ type, object }) => {
    const { metadata, name = metadata?.name } = object ?? {};
    return [type, name, metadata?.resourceVersion].filter((word) => word !== undefined).join(" ");
  });
}

/** Whether a problem has this part in its message, or this code, place and part of its message. */
function isError(found, wanted) {
  if (typeof wanted === "string") return found.message.includes(wanted);
  const judges = {
    code: (code) => code === found.reason,
    at: (place) => place === `${found.line}:${found.column}`,
    message: (part) => found.message.includes(part),
  };
  const holds = Object.entries(wanted).every(([word, value]) => judges[word](value));
  return holds && found.message.endsWith(found.hint ?? "");
}

/** The ids that earlier steps kept in the place of `${name}`. */
function substitute(value, kept) {
  if (typeof value === "string") {
    return Object.entries(kept).reduce((text, [name, id]) => text.replaceAll("${" + name + "}", id), value);
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, kept));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, substitute(member, kept)]));
}

/** Plays a case; how many steps were played and how many were skipped. */
async function play(case_, connect) {
  known(case_, CASE_WORDS);
  const { steps } = case_;
  const kept = {};
  const server = await startServer(...(case_.plainSecrets === true ? ["--plain-secrets"] : []));
  const client = connect(server.address);
  try {
    for (const [index, raw] of steps.entries()) {
      const step = substitute(raw, kept);
      const verb = Object.keys(step).find((word) => VERBS.includes(word.replace(/^system-/, "")));
      known(step, [...STEP_WORDS, verb]);
      if (verb.startsWith("system-")) return { played: index, skipped: steps.length - index };
      try {
        const answer = await playStep(client, server.address, step, verb);
        check(answer, step.expect);
        if (step.save !== undefined) kept[step.save] = answer.document.metadata.id;
        if (step.saveRevision !== undefined) kept[step.saveRevision] = String(answer.revision);
        if (step.saveContinue !== undefined) kept[step.saveContinue] = answer.token;
        if (step.saveCursor !== undefined) kept[step.saveCursor] = answer.items.at(-1).cursor;
      } catch (error) {
        throw new Error(`step ${index + 1}: ${error.message}`, { cause: error });
      }
    }
    return { played: steps.length, skipped: 0 };
  } finally {
    client.close();
    await server.stop();
  }
}

function known(value, words) {
  const unknown = Object.keys(value).filter((name) => !words.includes(name));
  demand(unknown.length === 0, `unknown words: ${unknown}`);
}

function demand(holds, message) {
  if (!holds) throw new Error(message);
}

const files = readdirSync(CASES, { recursive: true }).filter((name) => name.endsWith(".yaml")).sort();
demand(files.length >= 9, "there is a folder of cases for every kind");
let [passed, failed] = [0, 0];
for (const [name, connect] of [["gRPC", connectGrpc], ["gRPC-web", connectWeb]]) {
  let [played, skipped] = [0, 0];
  for (const file of files) {
    try {
      // Integers as bigints, so that the large ones of the cases keep their digits.
      const case_ = parseYaml(readFileSync(join(CASES, file), "utf8"), { intAsBigInt: true });
      const steps = await play(case_, connect);
      [played, skipped, passed] = [played + steps.played, skipped + steps.skipped, passed + 1];
    } catch (error) {
      console.error(`${name}, ${file}: ${error.message}`);
      failed += 1;
    }
  }
  console.log(`${name}: ${files.length} cases, ${played} steps played, ${skipped} skipped from the first system step on`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
