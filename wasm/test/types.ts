// Uses every export of the package correctly, and incorrectly where the types must reject it. It is compiled, not run:
// `node types.mjs`.

import start, {
  AlreadyExists, BadRequest, Blocked, complete, convert, diff, Expired, format, hover, init, initFormat, initSync, Internal, Invalid, jsonPatch, manifests,
  kinds, KindstoreError, mergePatch, MethodNotAllowed, NotConfigured, NotFound, parse, parseJson, PreconditionFailed, Registry, schema,
  simulatePatch, Store, stringify, validate, withDefaults, writeJson,
} from "@kindstore/wasm";
import type {
  CommitOutcome, Comparison, Completion, Completions, Defaulted, Diagnostic, Diff, Difference, DocumentDiagnostic, DocumentLike,
  EffectiveValue, FieldValidation, Flaw, Manifest, Format, FormatOption, GetOptions, History, HistoryOptions, Hover, JsonObject, JsonValue,
  JsonPatchOperation, ValidateOptions, Kind, ListOptions, Metadata, ModuleSource, Operation, Page, PageOptions, ResourceOptions, Position,
  PositionLike, RegistryOption, Resource, OperationOutcome, SelectOptions, SimulateOptions, Simulation, Span, StoreOptions, System,
  UpsertOptions, Version, Violation, Watch, WatchEvent, WatchOptions, WriteChoices, WriteOptions, WriteOutcome,
} from "@kindstore/wasm";

declare const bytes: Uint8Array;
declare const registry: Registry;
declare const TEXT: string;

// Loading

async function loading(source: ModuleSource): Promise<void> {
  await init();
  await init("/kindstore.wasm");
  await start(new ArrayBuffer(8));
  await init(source);
  initSync(bytes);
  // @ts-expect-error An address takes time.
  initSync("/kindstore.wasm");
  // @ts-expect-error
  await init(1);
  const nothing: void = await init();
  return nothing;
}

// Kinds

function knowing(): JsonObject {
  const own = new Registry([TEXT]);
  new Registry();
  new Registry(TEXT);
  new Registry(new Set([TEXT]));
  // @ts-expect-error
  new Registry([1]);
  const option: RegistryOption = { registry: undefined };
  const all: Kind[] = [...kinds(), ...kinds(option), ...own.kinds()];
  for (const { keyScheme, verbs, namespaced } of all) {
    if (namespaced && keyScheme === "singleton" && verbs.includes("upsert")) break;
    // @ts-expect-error
    if (keyScheme === "number") break;
    // @ts-expect-error
    verbs.push("get");
    // @ts-expect-error
    verbs.includes("watch");
  }
  // @ts-expect-error
  schema();
  // @ts-expect-error
  kinds({ registry: {} });
  const found: JsonObject = schema("deploy", { registry });
  return own.schema("Schedule") ?? found;
}

// Texts

async function texts(): Promise<JsonValue[]> {
  const choice: Format = "json";
  const option: FormatOption = { format: undefined };
  const written: string = stringify({ a: 1n, b: [undefined] }, { format: choice }) + stringify(null);
  await initFormat("/format.wasm");
  const formed: string = (await format(written, option)) + convert(written, "yaml") + convert(written, "json", { format: "yaml" });
  // @ts-expect-error
  await format(formed, { format: "toml" });
  // @ts-expect-error It is to be awaited.
  const early: string = format(formed);
  // @ts-expect-error
  convert(formed);
  // @ts-expect-error
  parse(bytes);
  const [value] = parse(formed, { format: "yaml" });
  // @ts-expect-error A value may be anything.
  value.kind;
  const [first]: Manifest[] = manifests(formed, { format: "yaml", to: "json" });
  // @ts-expect-error It may have no name.
  const name: string = first?.name;
  convert(first?.text ?? name, "yaml");
  const large: string = typeof value === "bigint" ? writeJson(value) : writeJson({ value });
  return [parseJson(large), early, ...parse(formed)];
}

// Validation

function validating(manifest: DocumentLike): readonly Diagnostic[] {
  const validation: FieldValidation = "strict";
  const options: ValidateOptions = { registry, namespace: "x", fieldValidation: validation, defaults: [TEXT, { kind: "x" }, bytes] };
  const problems: DocumentDiagnostic[] = validate(TEXT, options);
  // @ts-expect-error
  validate({ kind: "Deployment" });
  // @ts-expect-error
  validate(TEXT, { fieldvalidation: "strict" });
  // @ts-expect-error
  validate(TEXT, { fieldValidation: "strikt" });
  for (const { document, severity, span, hint } of problems) {
    const [number, word]: [number, string | undefined] = [document, hint];
    // @ts-expect-error What was a value has no places.
    span.start;
    const place: Span | undefined = span;
    const start: Position | undefined = place?.start;
    if (severity === "error" && start !== undefined) TEXT.slice(start.utf16, place?.end.utf16) + word + number;
    // @ts-expect-error
    if (severity === "fatal") break;
  }
  const { document, values, diagnostics }: Defaulted = withDefaults(manifest, { defaults: TEXT });
  const first: EffectiveValue | undefined = values[0];
  const told: [JsonValue, JsonValue | undefined, string | undefined] = [document, first?.value, first?.from];
  // @ts-expect-error
  withDefaults();
  // @ts-expect-error
  withDefaults(1);
  // @ts-expect-error
  first.value = null;
  return told.length > 3 ? problems : diagnostics;
}

// Patches

function patching(resource: Resource): JsonValue {
  const text: string = mergePatch(TEXT, "a: null") + mergePatch(TEXT, { a: null }, { format: "json" });
  const value: JsonValue = mergePatch({ a: 1 }, TEXT);
  // @ts-expect-error Of values it is a value.
  mergePatch({ a: 1 }, TEXT, { format: "json" });
  // @ts-expect-error
  const wrong: JsonValue = mergePatch(1, {});
  const operations: JsonPatchOperation[] = [
    { op: "add", path: "/a", value: 1n },
    { op: "remove", path: "/a" },
    { op: "move", from: "/a", path: "/b" },
    // @ts-expect-error
    { op: "add", path: "/a" },
    // @ts-expect-error
    { op: "copy", path: "/a" },
    // @ts-expect-error
    { op: "swap", from: "/a", path: "/b" },
  ];
  const patched: string = jsonPatch(text, operations, { format: "yaml" }) + jsonPatch(text, "[]");
  // @ts-expect-error One operation is no patch.
  jsonPatch(text, { op: "remove", path: "/a" });
  const found: Diff = diff(patched, resource);
  const change: Difference | undefined = found.changes[0];
  // @ts-expect-error None can say that a null stays.
  mergePatch(text, found.mergePatch);
  // @ts-expect-error
  diff(text);
  return [value, wrong, jsonPatch({}, found.jsonPatch), found.mergePatch ?? null, change?.old ?? null, change?.path ?? null];
}

function simulating(resource: Resource): WriteOutcome["warnings"] {
  const options: SimulateOptions = { type: "json", now: new Date(), kind: "x", namespace: "y", plainSecrets: true, expectedVersion: 1 };
  const simulation: Simulation = simulatePatch(resource, [{ op: "remove", path: "/spec/state" }], options);
  simulatePatch(TEXT, TEXT, { now: "2026-01-01T00:00:00Z", registry, fieldValidation: "ignore" });
  simulatePatch(TEXT, TEXT, { now: 0, expectedId: "x", format: "yaml" });
  // @ts-expect-error
  simulatePatch(resource);
  // @ts-expect-error
  simulatePatch(resource, {}, { type: "strategic" });
  // @ts-expect-error
  simulatePatch(resource, {}, { dryRun: true });
  // @ts-expect-error There is none when it is refused.
  simulation.resource.metadata;
  const subject: "resource" | "patch" | undefined = simulation.subject;
  const reason: string | undefined = simulation.error?.reason;
  return subject === "patch" && reason === "Invalid" ? simulation.problems : simulation.warnings;
}

// Help for editors

function helping(): string {
  const place: PositionLike = { line: 1, column: 2 };
  const { from, to, items }: Completions = complete(TEXT, place, { format: "yaml", registry });
  const item: Completion | undefined = items[0];
  if (item?.category === "mark" && item.deprecated) return TEXT.slice(from, to) + item.insert.slice(item.caret) + item.label;
  // @ts-expect-error
  complete(TEXT);
  // @ts-expect-error
  complete(TEXT, { line: 1 });
  // @ts-expect-error
  if (item?.category === "color") return "";
  const known: Hover | undefined = hover(TEXT, 5, {});
  // @ts-expect-error Nothing may be known.
  hover(TEXT, 5).pointer;
  const detail: string | undefined = item?.detail ?? item?.documentation ?? known?.documentation ?? known?.title;
  return [...(known?.facts ?? []), known?.pointer, detail, ...(known?.examples ?? [])].join();
}

// A store

function opening(): Store {
  const options: StoreOptions = { registry, plainSecrets: true, globalDefaults: TEXT, now: () => Date.now(), ids: () => "x" };
  new Store({ now: () => new Date(), ids: undefined });
  // @ts-expect-error
  new Store({ now: 1 });
  // @ts-expect-error
  new Store({ ids: ["x"] });
  // @ts-expect-error
  Store.import("x");
  const store = new Store(options);
  // @ts-expect-error
  store.revision = 1;
  const content: Uint8Array = store.export();
  store.free();
  return Store.import(content, options);
}

function reading(store: Store): Resource[] {
  const get: GetOptions = { namespace: null, reveal: true, revision: store.revision };
  const list: ListOptions & PageOptions = { labelSelector: "a=b", fieldSelector: "", revision: 1, pageSize: 10, pageToken: "" };
  const select: SelectOptions = { namespace: undefined };
  const past: HistoryOptions & PageOptions = { authoredOnly: true, namespace: "x", pageToken: undefined };
  const place: ResourceOptions = { namespace: "x" };
  const found: Resource[] = [store.get("Deployment", "clicks", get), store.get("DeploymentDefaults"), ...store.list("Job", select)];
  const page: Page = store.listPage("Deployment", list);
  const { versions, deleted, nextPageToken }: History = store.history("Deployment", "clicks", past);
  const further: History = store.historyPage("Deployment", "clicks", { ...past, pageToken: nextPageToken });
  const version: Version | undefined = deleted ? versions[0] : further.versions[0];
  const { differences }: Comparison = store.compare("Deployment", "clicks", 1, undefined, place);
  const ended: number | undefined = version?.endedRevision ?? differences.length;
  // @ts-expect-error
  store.get();
  // @ts-expect-error
  store.get("Deployment", 1);
  // @ts-expect-error
  store.list("Deployment", { revison: 1 });
  // @ts-expect-error A list has no pages.
  store.list("Deployment", { pageSize: 1 });
  // @ts-expect-error
  store.version("Deployment", "clicks");
  // @ts-expect-error
  page.resources.push(found[0]);
  return ended === undefined ? [...page.resources] : [store.version("Deployment", "clicks", 1, place).resource];
}

function telling({ kind, apiVersion, metadata, spec, status }: Resource): string {
  const { id, name, namespace, createdAt, modifiedAt, labels, annotations, resourceVersion }: Metadata = metadata;
  const team: string | undefined = labels?.["team"] ?? annotations?.["team"];
  // @ts-expect-error Some kinds have none.
  const length: number = name.length;
  // @ts-expect-error What a kind has of its own may be anything.
  const shown: string = metadata["displayName"];
  // @ts-expect-error
  metadata.id = "x";
  // @ts-expect-error Some kinds have none.
  spec.state;
  const state: JsonValue | undefined = spec?.["state"] ?? status?.["state"];
  return [kind, apiVersion, id, namespace, createdAt, modifiedAt, resourceVersion.toFixed(), team, length, shown, state].join();
}

function writing(store: Store): boolean {
  const choices: WriteChoices = { expectedVersion: 1, expectedId: "x", fieldValidation: "warn", format: undefined };
  const options: WriteOptions = { ...choices, dryRun: true, namespace: "x" };
  const upsert: UpsertOptions = { ...options, withoutDefaults: true };
  const written: WriteOutcome = store.create("Deployment", { kind: "Deployment" }, options);
  store.upsert("Deployment", "clicks", TEXT, upsert);
  store.patch("Deployment", "clicks", bytes, options);
  store.jsonPatch("Deployment", "clicks", [{ op: "remove", path: "/a" }]);
  store.rollback("Deployment", "clicks", 1);
  store.undelete("Deployment", "clicks");
  const { warnings, revision, created, changed }: WriteOutcome = store.delete("Deployment", "clicks");
  const system: System = store.system;
  system.create("Job", TEXT, options).resource;
  system.patch("Job", "x", { status: {} });
  system.delete("Job", "x");
  // @ts-expect-error
  system.upsert("Job", "x", TEXT);
  // @ts-expect-error
  store.create("Deployment");
  // @ts-expect-error
  store.create("Deployment", TEXT, { withoutDefaults: true });
  // @ts-expect-error
  store.patch("Deployment", TEXT);
  // @ts-expect-error
  store.jsonPatch("Deployment", "clicks", { a: 1 });
  // @ts-expect-error
  store.delete("Deployment", "clicks", { expectedVersion: "1" });
  // @ts-expect-error A version is a number.
  store.rollback("Deployment", "clicks", {});
  return written.created && created && changed && revision > 0 && warnings.length === 0;
}

function committing(store: Store): OperationOutcome | undefined {
  const operations: Operation[] = [
    { verb: "create", kind: "Deployment", document: TEXT, fieldValidation: "strict" },
    { verb: "upsert", kind: "Deployment", key: "a", document: {}, withoutDefaults: true },
    { verb: "patch", kind: "Deployment", key: "b", patch: {}, expectedVersion: 1 },
    { verb: "jsonPatch", kind: "Deployment", key: "c", patch: [] },
    { verb: "delete", kind: "Deployment", key: "d" },
    // @ts-expect-error
    { verb: "create", kind: "Deployment", key: "a" },
    // @ts-expect-error
    { verb: "patch", kind: "Deployment", key: "b", document: {} },
    // @ts-expect-error
    { verb: "rollback", kind: "Deployment", key: "b" },
    // @ts-expect-error A commit has one namespace.
    { verb: "delete", kind: "Deployment", key: "d", namespace: "x" },
  ];
  const { results, revision }: CommitOutcome = store.commit("default", operations, { dryRun: true });
  // @ts-expect-error
  store.commit(operations);
  return revision === 0 ? undefined : results.find(({ deleted, changed }) => deleted || changed);
}

function watching(store: Store): Watch {
  const options: WatchOptions = { key: "x", cursor: "1", list: false, bookmarks: true, labelSelector: "a", fieldSelector: undefined };
  const told = (event: WatchEvent): string | undefined => {
    // @ts-expect-error Only an error has one.
    event.error;
    // @ts-expect-error
    if (event.type === "CHANGED") return undefined;
    if (event.type === "ERROR") return event.error.message;
    if (event.type === "BOOKMARK") return event.resource ?? event.revision.toFixed();
    return event.resource.metadata.id + event.cursor;
  };
  const watch: Watch = store.watch("Deployment", "default", options, told);
  store.watch("Namespace", null, (event) => void event.cursor).close();
  // @ts-expect-error
  store.watch("Deployment", "default");
  // @ts-expect-error
  store.watch("Deployment", "default", { namespace: "x" }, told);
  // @ts-expect-error
  store.watch("Deployment", "default", (event: string) => event);
  // @ts-expect-error
  watch.cursor = "1";
  if (!watch.closed) store.watch("Deployment", undefined, { cursor: watch.cursor }, told);
  return watch;
}

function tending(): readonly Flaw[] {
  using store = new Store();
  const { floor, revision, removed } = store.compact(floorOf(store.compact()));
  const { sound, resources, flaws } = store.check();
  // @ts-expect-error
  store.compact("all");
  const flaw: Flaw | undefined = flaws[0];
  const place: (string | undefined)[] = [flaw?.kind, flaw?.namespace, flaw?.key, flaw?.message];
  return sound && floor + revision + removed + resources + place.length > 0 ? [] : flaws;
}

function floorOf({ floor }: ReturnType<Store["compact"]>): number {
  return floor;
}

// Failures

function failing(error: unknown): readonly Violation[] {
  const classes = [
    AlreadyExists, BadRequest, Blocked, Expired, Internal, Invalid, MethodNotAllowed, NotConfigured, NotFound, PreconditionFailed,
  ];
  if (classes.some((one) => error instanceof one)) return [];
  if (!(error instanceof KindstoreError)) return [];
  const standard: Error = error;
  const place: (string | number | undefined)[] = [error.reason, error.context["kind"], error.problems[0]?.code, standard.stack];
  const { field, message, reason, line, column, hint }: Violation = error.violations[0]!;
  // @ts-expect-error
  error.status;
  // @ts-expect-error
  error.reason = "Invalid";
  return place.concat(field, message, reason, line, column, hint).length === 0 ? [] : error.violations;
}

export const all = [
  loading, knowing, texts, validating, patching, simulating, helping, opening, reading, telling, writing, committing, watching,
  tending, failing,
];
