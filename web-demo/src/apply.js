/** Applying the documents of a text, in the store of this browser and to a server: those of a namespace all or none. */

/**
 * Creates or replaces manifests, which are in the order in which they are applied, or tries to. `target` takes them: it has `kinds`, the
 * `namespace` of documents without one, `hasNamespace(name)`, `single(manifest, isDryRun)` for what lives in no namespace, and
 * `commit(namespace, operations, isDryRun)`. The answers have a title each, with a word or an error.
 */
export async function applyAll(manifests, target, isDryRun = false) {
  const planned = manifests.map((manifest) => plan(manifest, target));
  if (planned.some(({ error }) => error !== undefined)) return withheld(planned, isDryRun);
  for (const one of planned.filter(({ namespace }) => namespace === undefined)) {
    await settle([one], async () => [await target.single(one.manifest, isDryRun)], isDryRun);
    if (one.error !== undefined) return withheld(planned, isDryRun);
  }
  const groups = byNamespace(planned);
  // No transaction has several namespaces: what would be refused in one is known before another one is written.
  if (groups.size > 1 && !isDryRun) {
    for (const [namespace, group] of groups) await settle(group, () => target.commit(namespace, operations(group), true), true);
    for (const one of planned) if (one.namespace !== undefined) one.word = undefined;
    if (planned.some(({ error }) => error !== undefined)) return withheld(planned, isDryRun);
  }
  for (const [namespace, group] of groups) {
    const isMade = isDryRun && planned.some(({ manifest, namespace: own }) => own === undefined && manifest.name === namespace);
    if (isMade && !(await target.hasNamespace(namespace))) for (const one of group) one.word = `can be tried when there is a namespace ${namespace}`;
    else await settle(group, () => target.commit(namespace, operations(group), isDryRun), isDryRun);
  }
  return withheld(planned, isDryRun);
}

/** What came of it, in a sentence. */
export function toldOf(answers) {
  const told = answers.map(({ title, word, error }) => (error === undefined ? `${title} ${word}` : `${title}: ${error}`));
  return told.join("; ") || "there is no document to apply";
}

function plan(manifest, { kinds, namespace }) {
  const { kind, name } = manifest;
  const title = `${kind ?? "document"} ${name ?? ""}`.trim();
  const known = kinds.find((one) => one.kind === kind);
  if (kind === undefined) return { title, manifest, error: "kind is required" };
  if (known === undefined) return { title, manifest, error: `a ${kind} is not applied from here` };
  const isNew = known.keyScheme === "id" || !known.verbs.includes("upsert") || (known.keyScheme === "name" && name === undefined);
  const key = known.keyScheme === "name" ? name : "";
  return { title, manifest, isNew, key, namespace: known.namespaced ? (manifest.namespace ?? namespace) : undefined };
}

const operations = (group) => group.map(({ manifest: { kind, text }, isNew, key }) => ({ kind, text, isNew, key }));

/** Does the write of a group and notes what became of each of it; what is refused is noted where it belongs. */
async function settle(group, write, isDryRun) {
  try {
    const words = await write();
    for (const [index, one] of group.entries()) {
      const place = one.namespace === undefined ? "" : ` in ${one.namespace}`;
      one.word = `${isDryRun ? words[index].tried : words[index].done}${place}`;
    }
  } catch (error) {
    const problems = (error.problems ?? []).map(({ attribute, message }) => `${attribute}: ${message}`);
    for (const problem of problems.length > 0 ? problems : [error.message]) {
      const [, index = 0, rest = problem] = /^operations\[(\d+)\](?:\.document)?[.:]?\s*(.*)$/s.exec(problem) ?? [];
      const one = group[index] ?? group[0];
      one.error = one.error === undefined ? rest : `${one.error}, ${rest}`;
    }
  }
}

/** The answers; what nothing became of is withheld because of the others. */
function withheld(planned, isDryRun) {
  const left = `${isDryRun ? "would not be" : "is not"} applied`;
  return planned.map(({ title, word, error }) => (error === undefined ? { title, word: word ?? left } : { title, error }));
}

function byNamespace(planned) {
  const groups = new Map();
  for (const one of planned) {
    if (one.namespace !== undefined) groups.set(one.namespace, [...(groups.get(one.namespace) ?? []), one]);
  }
  return groups;
}
