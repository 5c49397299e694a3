// What a case expects of an answer, for players in JavaScript: in Node and in a browser, so that nothing is imported.

/** The kinds with a flat form in REST: the prefix of their names, and where the members of the form are in the envelope. */
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
/** Times are those of another clock here, so that only their form is compared. */
const TIMES = { createdAt: MICROS, modifiedAt: MICROS, createTime: SECONDS };

/** Whether resources of a kind have another form in REST. */
export function isFlat(kind) {
  return kind in FLAT;
}

/** The document that REST shows: the flat form where the kind has one. */
export function shown(document) {
  const form = FLAT[document.kind];
  if (form === undefined) return document;
  const flat = { name: form.prefix + document.metadata.name };
  for (const [name, pointer] of Object.entries(form.members)) {
    const value = at(document, pointer);
    if (value !== undefined) flat[name] = name in TIMES ? value.replace(/\.\d+Z$/, "Z") : value;
  }
  return flat;
}

/** Throws when the answer is not as expected. */
export function check(answer, expected) {
  const judges = {
    status: (wanted) => BigInt(wanted) === BigInt(answer.status),
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
    count: (wanted) => BigInt(answer.items?.length ?? -1) === BigInt(wanted),
    // In the order of the text, which each binding writes in its own form.
    warnings: (wanted) => {
      const found = answer.warnings.toSorted();
      return found.length === wanted.length && wanted.toSorted().every((start, index) => found[index].startsWith(start));
    },
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

/** Whether a value has at least these members, at every depth; anything but an object must be equal. */
function contains(found, wanted, name = "") {
  if (isObject(found) && isObject(wanted)) {
    return Object.entries(wanted).every(([name, value]) => Object.hasOwn(found, name) && contains(found[name], value, name));
  }
  if (name in TIMES) return TIMES[name].test(found);
  return text(found) === text(wanted);
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

/** A value as text with sorted members: a number and a bigint of the same value are the same there. */
export function text(value) {
  if (Array.isArray(value)) return `[${value.map(text)}]`;
  if (typeof value === "bigint") return String(value);
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const members = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${members.sort().map((name) => `${JSON.stringify(name)}:${text(value[name])}`)}}`;
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What earlier steps kept, in the place of `${name}`. */
export function substitute(value, kept) {
  if (typeof value === "string") {
    return Object.entries(kept).reduce((text, [name, id]) => text.replaceAll("${" + name + "}", id), value);
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, kept));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, substitute(member, kept)]));
}

export function demand(holds, message) {
  if (!holds) throw new Error(message);
}
