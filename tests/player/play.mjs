// Plays the shared cases, tests/cases/**/*.yaml, through whatever has the methods of a client: the client of servers, or the
// store of the wasm package. A stage is what differs between them:
//
// - `client`: the methods, which may answer at once or later
// - `document(resource)`: a resource as a document
// - `watched(step, options, count)`: as many events of a watch
// - `system`: the interface of the system, if there is one; otherwise a case is played up to the first step that needs it
// - `listed(kind, selected, items)` and `got(kind, found, options)`, if there is more to be looked at

import { check, demand, isFlat, shown, substitute } from "./judge.mjs";

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
const NOBODY = "07070707-0707-0707-0707-070707070707";

/** Plays a case; how many steps were played and how many were skipped. */
export async function play(case_, stage) {
  known(case_, CASE_WORDS);
  const { steps } = case_;
  const kept = {};
  for (const [index, raw] of steps.entries()) {
    const step = substitute(raw, kept);
    const word = Object.keys(step).find((word) => VERBS.includes(word.replace(/^system-/, "")));
    known(step, [...STEP_WORDS, word]);
    if (word.startsWith("system-") && stage.system === undefined) return { played: index, skipped: steps.length - index };
    try {
      const answer = await playStep(stage, step, word);
      check(answer, step.expect ?? {});
      if (step.save !== undefined) kept[step.save] = answer.document.metadata.id;
      if (step.saveRevision !== undefined) kept[step.saveRevision] = String(answer.revision);
      if (step.saveContinue !== undefined) kept[step.saveContinue] = answer.token;
      if (step.saveCursor !== undefined) kept[step.saveCursor] = answer.items.at(-1).cursor;
    } catch (error) {
      throw new Error(`step ${index + 1}: ${error.message}`, { cause: error });
    }
  }
  return { played: steps.length, skipped: 0 };
}

/** Makes the request of a step; the answer in the form that cases speak of. */
async function playStep(stage, step, word) {
  const none = { status: 200, message: "", errors: [], warnings: [] };
  try {
    return { ...none, ...(await request(stage, step, word)) };
  } catch (error) {
    if (STATUS[error.reason] === undefined) throw error;
    const { reason, message, violations } = error;
    // A text that cannot be read has its problem in its message.
    const errors = reason === "Invalid" ? violations : [];
    return { ...none, status: STATUS[reason], reason, message, errors };
  }
}

async function request(stage, step, word) {
  const { client } = stage;
  const verb = word.replace(/^system-/, "");
  if (verb === "commit") return commit(stage, step);
  const [kind, key] = [step[word], step.key ?? ""];
  const options = { namespace: step.global === true ? null : (step.namespace ?? "default") };
  if (verb === "list") return list(stage, step, kind, options);
  if (verb === "watch") return { items: await watched(stage, step, options) };
  if (["history", "get-version", "compare"].includes(verb)) return past(stage, step, verb, options);
  if (verb === "get") {
    const revision = number(step.revision);
    const found = await client.get(kind, key, { ...options, reveal: step.reveal, revision });
    const isNow = !isFlat(kind) && step.reveal !== true && revision === undefined;
    if (isNow) await stage.got?.(kind, found);
    return { document: shown(stage.document(found)) };
  }
  options.dryRun = step.dryRun;
  Object.assign(options, await chosen(client, step, word, options.namespace));
  const document = step.text ?? step.body;
  const caller = word === verb ? client : stage.system;
  const calls = {
    create: () => caller.create(kind, document, options),
    upsert: () => caller.upsert(kind, key, document, options),
    patch: () => caller.patch(kind, key, document, options),
    "json-patch": () => caller.jsonPatch(kind, key, document, options),
    delete: () => caller.delete(kind, key, options),
    rollback: () => caller.rollback(kind, key, Number(step.from), options),
    undelete: () => caller.undelete(kind, key, options),
  };
  const written = await calls[verb]();
  return {
    status: written.created && !isFlat(kind) ? 201 : 200,
    document: shown(stage.document(written.resource)),
    warnings: written.warnings.map(remark),
  };
}

async function list(stage, step, kind, options) {
  const { client } = stage;
  const { labelSelector, fieldSelector } = step;
  const selected = { ...options, labelSelector, fieldSelector, revision: number(step.revision) };
  const documents = (resources) => resources.map((resource) => shown(stage.document(resource)));
  if (["limit", "continue", "saveRevision"].some((word) => word in step)) {
    const size = { pageSize: number(step.limit), pageToken: step.continue };
    const { resources, revision, nextPageToken: token } = await client.listPage(kind, { ...selected, ...size });
    return { items: documents(resources), revision, token };
  }
  // In pages of two, so that every case of a list is one of paging too.
  const items = documents(await client.list(kind, { ...selected, pageSize: 2 }));
  await stage.listed?.(kind, selected, items);
  return { items };
}

/** What is chosen for a write, alone and in a transaction. */
async function chosen(client, step, word, namespace) {
  const options = {};
  if (step.version !== undefined) {
    options.expectedVersion = Number(step.version);
    options.expectedId = await idOf(client, step[word], step.key ?? "", namespace);
  }
  if (step.fieldValidation !== undefined) options.fieldValidation = step.fieldValidation.toLowerCase();
  if (word === "upsert") options.withoutDefaults = step.applyDefaults === false;
  if (word !== "delete" && step.text !== undefined) options.format = step.format ?? "yaml";
  return options;
}

async function commit(stage, step) {
  const operations = [];
  for (const raw of step.operations) {
    for (let number = 0; number < Number(raw.repeat ?? 1); number += 1) {
      const one = substitute(raw, { number: String(number) });
      const word = Object.keys(one).find((name) => VERBS.includes(name));
      const verb = word === "json-patch" ? "jsonPatch" : word;
      const given = word.endsWith("patch") ? { patch: one.body } : { document: one.body };
      const options = await chosen(stage.client, one, word, step.commit);
      operations.push({ verb, kind: one[word], key: one.key ?? "", ...given, ...options });
    }
  }
  const { results } = await stage.client.commit(step.commit, operations, { dryRun: step.dryRun });
  return {
    items: results.map((one) => shown(stage.document(one.resource))),
    words: results.map(wordOf),
    warnings: results.flatMap((one) => one.warnings).map(remark),
  };
}

function wordOf({ created, changed, deleted }) {
  if (deleted) return "deleted";
  if (created) return "created";
  return changed ? "configured" : "unchanged";
}

/** As many events of a watch as are expected, as REST tells them. */
async function watched(stage, step, options) {
  const { key, labelSelector, fieldSelector, from } = step;
  const begin = from === "list" ? { list: true } : { cursor: from };
  const chosen = { ...begin, key, labelSelector, fieldSelector, bookmarks: true };
  const events = await stage.watched(step.watch, options.namespace, chosen, step.expect.events?.length ?? 1);
  return events.map(({ type, cursor, revision, resource }) => {
    demand(cursor.startsWith(String(revision)), `the cursor ${cursor} is not of revision ${revision}`);
    return { type, cursor, ...(resource === undefined ? {} : { object: shown(stage.document(resource)) }) };
  });
}

/** The answers about versions. */
async function past(stage, step, verb, options) {
  const { client } = stage;
  const [kind, key] = [step[verb], step.key ?? ""];
  const told = ({ resource, endedRevision, ...version }) => {
    const ended = endedRevision === undefined ? {} : { endedRevision };
    return { ...version, ...ended, resource: shown(stage.document(resource)) };
  };
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

/** A remark as people read it: with its place and the way out. */
function remark({ attribute, message, hint }) {
  return hint === undefined || message.endsWith(hint) ? `${attribute}: ${message}` : `${attribute}: ${message}; ${hint}`;
}

/** A count of a step, which is text where it was kept. */
function number(value) {
  return value === undefined ? undefined : Number(value);
}

async function idOf(client, kind, key, namespace) {
  try {
    return (await client.get(kind, key, { namespace })).metadata.id;
  } catch (error) {
    if (error.reason === "NotFound") return NOBODY;
    throw error;
  }
}

function known(value, words) {
  const unknown = Object.keys(value).filter((name) => !words.includes(name));
  demand(unknown.length === 0, `unknown words: ${unknown}`);
}
