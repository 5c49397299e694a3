/** The client: the same on every transport. */

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";

import { Clock } from "./clock.js";
import * as api from "./generated/kindstore/v1/resource_service_pb.js";
import { type JsonObject, parseJson, writeJson } from "./json.js";
import {
  type Committed,
  type Comparison,
  type History,
  type Kind,
  type Page,
  type Parse,
  readComparison,
  readCount,
  readDiagnostics,
  readKind,
  readVersion,
  Resource,
  type Validation,
  type Version,
  type Written,
} from "./resource.js";
import { pauseAfter, type Retry } from "./retry.js";
import { type CallOptions as TransportOptions, type Transport } from "./transport.js";
import { type Change, Course, Watch, type WatchEvent, type WatchOptions } from "./watch.js";

/** What can be given as a document: an object, a resource that was read, or the text of one in JSON or YAML. */
export type DocumentLike = object | string | Uint8Array;

/** What can be given as a JSON Patch: its operations, or the text of it in JSON or YAML. */
export type JsonPatchLike = readonly object[] | string | Uint8Array;

/** What can be chosen for every call of a client. */
export interface ClientOptions {
  /** The deadline, in milliseconds, of calls that give none of their own. 30,000 unless told; 0 for none. */
  readonly deadlineMs?: number;
  /** How calls are repeated that are safe to repeat. */
  readonly retry?: Retry;
  /** Sent with every call, such as `{ authorization: "Bearer ..." }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Turns the text of a spec or a status into a value; unless told, integers beyond 2^53 become bigints. */
  readonly parse?: (text: string) => unknown;
}

/** What can be chosen for a call. */
export interface CallOptions {
  /** The milliseconds that the call may take with all its repetitions; 0 for no end. */
  readonly deadlineMs?: number | undefined;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
}

/** What can be chosen for a call about resources. */
export interface ResourceOptions extends CallOptions {
  /** The namespace, `default` unless told; null for kinds that live in none, such as Namespace. */
  readonly namespace?: string | null | undefined;
}

/** What can be chosen for `get`. */
export interface GetOptions extends ResourceOptions {
  /** Includes secret members in the answer. */
  readonly reveal?: boolean | undefined;
  /** Reads the resource as it was at this revision of the store; `Expired` when that is not kept any more. */
  readonly revision?: number | undefined;
}

/** What can be chosen for `streamList`. */
export interface SelectOptions extends ResourceOptions {
  /** Which labels the resources have, as Kubernetes writes it: `team=web,tier in (gold,silver),!legacy`. */
  readonly labelSelector?: string | undefined;
  /** Which members the resources have, of those that the kind lets select by: `spec.state=RUNNING`. */
  readonly fieldSelector?: string | undefined;
  /** Reads what there was at this revision of the store; `Expired` when that is not kept any more. */
  readonly revision?: number | undefined;
}

/** What can be chosen for `list`. */
export interface ListOptions extends SelectOptions {
  /** At most this many resources in one message; 0 leaves it to the server. */
  readonly pageSize?: number | undefined;
}

/** What can be chosen for `listPage`. */
export interface ListPageOptions extends ListOptions {
  /** Where to go on: the `nextPageToken` of the page before. */
  readonly pageToken?: string | undefined;
}

/** What can be chosen for `history`. */
export interface HistoryOptions extends ResourceOptions {
  /** Leaves out versions that changed the status only. */
  readonly authoredOnly?: boolean | undefined;
}

/** What can be chosen for `historyPage`. */
export interface HistoryPageOptions extends HistoryOptions {
  /** At most this many versions; 0 leaves it to the server. */
  readonly pageSize?: number | undefined;
  /** Where to go on: the `nextPageToken` of the page before. */
  readonly pageToken?: string | undefined;
}

/** What can be chosen for `create`. */
export interface CreateOptions extends ResourceOptions {
  /** The form of a document that is text. Unless told, JSON when it begins with a brace, else YAML. */
  readonly format?: "json" | "yaml" | undefined;
  /** Answers as the real call would and stores nothing. */
  readonly dryRun?: boolean | undefined;
  /** What becomes of members that the kind does not know: each is a warning (unless told), a violation, or nothing. */
  readonly fieldValidation?: "warn" | "strict" | "ignore" | undefined;
}

/** What can be chosen for `delete`. */
export interface DeleteOptions extends ResourceOptions {
  /** The version that must be there; otherwise `PreconditionFailed`. */
  readonly expectedVersion?: number | undefined;
  /** With `expectedVersion`: the id that must be there, so that one that was deleted and created again does not pass. */
  readonly expectedId?: string | undefined;
  /** Answers as the real call would and stores nothing. */
  readonly dryRun?: boolean | undefined;
}

/** What can be chosen for `rollback`. */
export interface RollbackOptions extends DeleteOptions {}

/** What can be chosen for `undelete`. */
export interface UndeleteOptions extends ResourceOptions {
  /** Answers as the real call would and stores nothing. */
  readonly dryRun?: boolean | undefined;
}

/** What can be chosen for `patch`. */
export interface PatchOptions extends CreateOptions, DeleteOptions {}

/** What can be chosen for `upsert`. */
export interface UpsertOptions extends PatchOptions {
  /** Stores the document as it is given, without filling in defaults. */
  readonly withoutDefaults?: boolean | undefined;
}

/** A write that `validate` can judge. */
export type Write =
  | ({ readonly verb: "create"; readonly kind: string; readonly document: DocumentLike } & CreateOptions)
  | ({ readonly verb: "upsert"; readonly kind: string; readonly key: string; readonly document: DocumentLike } & UpsertOptions)
  | ({ readonly verb: "patch"; readonly kind: string; readonly key: string; readonly patch: DocumentLike } & PatchOptions)
  | ({ readonly verb: "jsonPatch"; readonly kind: string; readonly key: string; readonly patch: JsonPatchLike } & PatchOptions)
  | ({ readonly verb: "delete"; readonly kind: string; readonly key: string } & DeleteOptions);

/** One write of a transaction: what `validate` takes, without what is said of the whole transaction. */
export type Operation = Write extends infer One ? (One extends Write ? Omit<One, keyof ResourceOptions | "dryRun"> : never) : never;

/** What can be chosen for `commit`. */
export interface CommitOptions extends CallOptions {
  /** Answers as the real call would and stores nothing. */
  readonly dryRun?: boolean | undefined;
}

const method = api.ResourceService.method;
const FIELD_VALIDATION = {
  warn: api.FieldValidation.WARN,
  strict: api.FieldValidation.STRICT,
  ignore: api.FieldValidation.IGNORE,
} as const;
const FORMATS = { json: api.DocumentFormat.JSON, yaml: api.DocumentFormat.YAML } as const;

/** A connection to a store. Every failure is a `KindstoreError`. Make one with `connect`. */
export class Client {
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #parse: Parse;

  /** For the entry points of this package. */
  constructor(transport: Transport, options: ClientOptions = {}) {
    this.#transport = transport;
    this.#options = options;
    this.#parse = (options.parse as Parse | undefined) ?? parseJson;
  }

  /** Closes the connection. */
  close(): void {
    this.#transport.close();
  }

  /** Reads one resource by name or id; a kind that has one in each namespace needs no key. Throws `NotFound`. */
  async get(kind: string, key = "", options: GetOptions = {}): Promise<Resource> {
    const revision = BigInt(options.revision ?? 0);
    const request = { ...place(kind, options), key, reveal: options.reveal ?? false, revision };
    return this.#resource((await this.#run(method.get, request, false, options)).resource);
  }

  /**
   * Reads all resources of a kind in a namespace, in the order of their creation.
   *
   * The list is read in pages, which together tell what there was at one revision, whatever is written meanwhile; the
   * deadline is that of each page. For lists that should not be in memory as a whole there is `streamList`.
   */
  async list(kind: string, options: ListOptions = {}): Promise<Resource[]> {
    const found: Resource[] = [];
    let pageToken = "";
    do {
      const page = await this.listPage(kind, { ...options, pageToken });
      found.push(...page.resources);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return found;
  }

  /**
   * Reads a page of a list. All pages tell what there was at the revision of the first one; throws `Expired` when that is
   * not kept any more, and then the list begins anew.
   */
  async listPage(kind: string, options: ListPageOptions = {}): Promise<Page> {
    const { pageSize = 0, pageToken = "" } = options;
    const request = { ...place(kind, options), ...selectors(options), pageSize, pageToken };
    const page = await this.#run(method.list, request, false, options);
    return {
      resources: page.resources.map((message) => this.#resource(message)),
      nextPageToken: page.nextPageToken,
      revision: readCount(page.revision),
    };
  }

  /**
   * Reads all resources of a kind in a namespace one after the other, as fast as they are taken.
   *
   * There is no deadline unless one is given, for it would be that of the whole stream. A stream that cannot begin is
   * repeated as a read is; one that breaks later throws, for what was read so far cannot be taken back.
   */
  async *streamList(kind: string, options: SelectOptions = {}): AsyncGenerator<Resource, void, undefined> {
    const request = create(api.StreamListRequestSchema, { ...place(kind, options), ...selectors(options) });
    const clock = new Clock(options.deadlineMs ?? 0, options.signal);
    try {
      for (let attempt = 1; ; attempt += 1) {
        let isBegun = false;
        const stop = new AbortController();
        const signal = AbortSignal.any([stop.signal, clock.signal]);
        try {
          for await (const answer of this.#transport.stream(method.streamList, request, this.#call(clock, signal))) {
            isBegun = true;
            yield this.#resource(answer.resource);
          }
          return;
        } catch (error) {
          const failure = clock.judge(error, false);
          const pause = isBegun ? undefined : pauseAfter(this.#options.retry ?? {}, attempt, failure);
          if (pause === undefined || !(await clock.sleep(pause))) throw failure;
        } finally {
          // Whoever stops reading early must not leave the server sending.
          stop.abort();
        }
      }
    } finally {
      clock.end();
    }
  }

  /**
   * Watches the resources of a kind in a namespace, or one of them: each change in the order of the commits, and once.
   *
   * It begins now, with a list of what there is, or after a cursor, and never ends by itself. When the server goes away it is
   * asked again, and the watch goes on after the last event; a list that was told in part throws `Unavailable` instead.
   * Throws `Expired` when the changes after that place are not kept any more: list again then. `BadRequest` says that the
   * cursor is none or is yet to come, `NotFound` that the namespace is not there.
   */
  watch(kind: string, namespace?: string | null, options?: WatchOptions & { readonly bookmarks?: false }): Watch<Change>;
  watch(kind: string, namespace?: string | null, options?: WatchOptions): Watch;
  watch(kind: string, namespace: string | null = "default", options: WatchOptions = {}): Watch {
    const headers = this.#options.headers ?? {};
    const start = (request: MessageInitShape<typeof api.WatchRequestSchema>, signal: AbortSignal, onAnswer: () => void) =>
      this.#transport.stream(method.watch, create(api.WatchRequestSchema, request), {
        timeoutMs: undefined,
        signal,
        headers,
        onAnswer,
      });
    const read = (message: api.WatchResponse["resource"]) => this.#resource(message);
    return new Watch<WatchEvent>(start, new Course(place(kind, { namespace }), options, this.#options.retry ?? {}, read));
  }

  /** Creates a resource. Throws `AlreadyExists` and `Invalid`. */
  async create(kind: string, document: DocumentLike, options: CreateOptions = {}): Promise<Written> {
    const answer = await this.#run(method.create, createRequest(kind, document, options), !options.dryRun, options);
    return this.#written(answer, true, answer.warnings);
  }

  /**
   * Creates a resource under a name, or replaces the user's part of the one that is there. Throws `Invalid` and
   * `PreconditionFailed`.
   */
  async upsert(kind: string, key: string, document: DocumentLike, options: UpsertOptions = {}): Promise<Written> {
    const request = upsertRequest(kind, key, document, options);
    const answer = await this.#run(method.upsert, request, !options.dryRun, options);
    return this.#written(answer, answer.created, answer.warnings);
  }

  /**
   * Changes parts of a resource by a merge patch (RFC 7386), in which null removes a member. Never creates. Throws
   * `NotFound`, `Invalid` and `PreconditionFailed`.
   */
  async patch(kind: string, key: string, patch: DocumentLike, options: PatchOptions = {}): Promise<Written> {
    const answer = await this.#run(method.patch, patchRequest(kind, key, patch, options), !options.dryRun, options);
    return this.#written(answer, false, answer.warnings);
  }

  /**
   * Changes parts of a resource by a JSON Patch (RFC 6902): all its operations, or none. They see the resource as it is
   * shown; what belongs to the server can be tested and not written. Never creates. Throws as `patch` does; an operation
   * that cannot be applied is `Invalid`, a test that fails with the reason `failsTest`.
   */
  async jsonPatch(kind: string, key: string, patch: JsonPatchLike, options: PatchOptions = {}): Promise<Written> {
    const request = jsonPatchRequest(kind, key, patch, options);
    const answer = await this.#run(method.patch, request, !options.dryRun, options);
    return this.#written(answer, false, answer.warnings);
  }

  /** Deletes a resource and answers it as it was last. Throws `NotFound`, `Blocked` and `PreconditionFailed`. */
  async delete(kind: string, key: string, options: DeleteOptions = {}): Promise<Written> {
    const answer = await this.#run(method.delete, deleteRequest(kind, key, options), !options.dryRun, options);
    return this.#written(answer, false, []);
  }

  /**
   * Reads the versions of a resource that are kept, the newest first; of a deleted one too. Where another resource has the
   * name of a deleted one, the key is its id. Throws `NotFound`.
   */
  async history(kind: string, key = "", options: HistoryOptions = {}): Promise<History> {
    const versions: Version[] = [];
    for (let pageToken = ""; ; ) {
      const page = await this.historyPage(kind, key, { ...options, pageToken });
      versions.push(...page.versions);
      pageToken = page.nextPageToken;
      if (pageToken === "") return { versions, deleted: page.deleted, nextPageToken: "" };
    }
  }

  /** Reads a page of `history`. */
  async historyPage(kind: string, key = "", options: HistoryPageOptions = {}): Promise<History> {
    const { pageSize = 0, pageToken = "", authoredOnly = false } = options;
    const request = { ...place(kind, options), key, pageSize, pageToken, authoredOnly };
    const page = await this.#run(method.listVersions, request, false, options);
    const versions = page.versions.map((message) => readVersion(message, this.#parse));
    return { versions, deleted: page.deleted, nextPageToken: page.nextPageToken };
  }

  /** Reads one version of a resource, which may be deleted. Throws `NotFound`, also for a version that is not kept. */
  async version(kind: string, key: string, version: number, options: ResourceOptions = {}): Promise<Version> {
    const request = { ...place(kind, options), key, version: BigInt(version) };
    return readVersion((await this.#run(method.getVersion, request, false, options)).version, this.#parse);
  }

  /** Says what differs between two versions of a resource; the second one is the newest when it is undefined. */
  async compare(
    kind: string,
    key: string,
    fromVersion: number,
    toVersion?: number,
    options: ResourceOptions = {},
  ): Promise<Comparison> {
    const versions = { fromVersion: BigInt(fromVersion), toVersion: BigInt(toVersion ?? 0) };
    const request = { ...place(kind, options), key, ...versions };
    return readComparison(await this.#run(method.diff, request, false, options), this.#parse);
  }

  /**
   * Makes the user's part of a resource what it was in an older version, as its next version; the status stays as it is.
   * Throws `NotFound`, `PreconditionFailed`, and `Invalid` when the kind's rules do not allow any more what the version
   * says.
   */
  async rollback(kind: string, key: string, version: number, options: RollbackOptions = {}): Promise<Written> {
    const request = { ...place(kind, options), key, version: BigInt(version), options: writeOptions(options) };
    const answer = await this.#run(method.rollback, request, !options.dryRun, options);
    return this.#written(answer, false, answer.warnings);
  }

  /**
   * Brings a deleted resource back as it was last: under its id and as its next version. Throws `NotFound` when nothing is
   * kept of it, `AlreadyExists` when it is there or its name is taken, and `Invalid` when what it refers to is gone.
   */
  async undelete(kind: string, key: string, options: UndeleteOptions = {}): Promise<Written> {
    const request = { ...place(kind, options), key, options: writeOptions(options) };
    const answer = await this.#run(method.undelete, request, !options.dryRun, options);
    return this.#written(answer, true, answer.warnings);
  }

  /**
   * Does several writes in a namespace under one revision, or none of them.
   *
   * They are done in their order, each seeing what those before it made: at most 1,000, each about another resource. Throws
   * `Invalid` with every problem of every document, each at `operations[INDEX].document`; other failures are those of the
   * first operation that is refused, with its index under `operation` in the context.
   */
  async commit(namespace: string, operations: readonly Operation[], options: CommitOptions = {}): Promise<Committed> {
    // The namespace and the dry run are those of the transaction, whatever an operation says.
    const write = (one: Operation) => writeOf({ ...one, namespace: null, dryRun: false } as Write);
    const dryRun = options.dryRun ?? false;
    const request = { namespace, operations: operations.map((one) => ({ operation: write(one) })), dryRun };
    const answer = await this.#run(method.commit, request, !dryRun, options);
    const results = answer.results.map(({ resource, created, changed, deleted, warnings }) => {
      return { resource: this.#resource(resource), created, changed, deleted, warnings: readDiagnostics(warnings) };
    });
    return { results, revision: readCount(answer.revision) };
  }

  /**
   * Says what a write would do, and stores nothing.
   *
   * A document that breaks the rules is an answer here and not an error; what has nothing to do with the document, such as
   * a name that is taken, is thrown as the write would throw it.
   */
  async validate(write: Write): Promise<Validation> {
    const answer = await this.#run(method.validate, { write: writeOf(write) }, false, write);
    return {
      valid: answer.valid,
      problems: readDiagnostics(answer.problems),
      warnings: readDiagnostics(answer.warnings),
      resource: answer.resource === undefined ? undefined : this.#resource(answer.resource),
    };
  }

  /** Tells which kinds there are. */
  async kinds(options: CallOptions = {}): Promise<Kind[]> {
    return (await this.#run(method.listKinds, {}, false, options)).kinds.map(readKind);
  }

  /** Tells about one kind by its name, plural, singular or a short name, in any case. Throws `BadRequest` for others. */
  async kind(name: string, options: CallOptions = {}): Promise<Kind> {
    const answer = await this.#run(method.getKind, { kind: name }, false, options);
    if (answer.kind === undefined) throw new TypeError("the server answered no kind");
    return readKind(answer.kind);
  }

  async #run<I extends DescMessage, O extends DescMessage>(
    called: DescMethodUnary<I, O>,
    init: MessageInitShape<I>,
    isWrite: boolean,
    options: CallOptions,
  ): Promise<MessageShape<O>> {
    const request = create(called.input, init);
    const clock = new Clock(options.deadlineMs ?? this.#options.deadlineMs ?? 30_000, options.signal);
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#transport.unary(called, request, this.#call(clock, clock.signal));
        } catch (error) {
          const failure = clock.judge(error, isWrite);
          const pause = pauseAfter(this.#options.retry ?? {}, attempt, failure);
          if (pause === undefined || !(await clock.sleep(pause))) throw failure;
        }
      }
    } finally {
      clock.end();
    }
  }

  #call(clock: Clock, signal: AbortSignal): TransportOptions {
    return { timeoutMs: clock.left(), signal, headers: this.#options.headers ?? {} };
  }

  #resource(message: api.GetResponse["resource"]): Resource {
    if (message === undefined) throw new TypeError("the server answered no resource");
    return new Resource(message, this.#parse);
  }

  #written(
    answer: Pick<api.PatchResponse, "resource" | "revision">,
    created: boolean,
    warnings: api.PatchResponse["warnings"],
  ): Written {
    return {
      resource: this.#resource(answer.resource),
      created,
      warnings: readDiagnostics(warnings),
      revision: readCount(answer.revision),
    };
  }
}

/** Which resources of a list are meant, and when. */
function selectors(options: SelectOptions): { labelSelector: string; fieldSelector: string; revision: bigint } {
  const { labelSelector = "", fieldSelector = "", revision = 0 } = options;
  return { labelSelector, fieldSelector, revision: BigInt(revision) };
}

function place(kind: string, options: ResourceOptions) {
  const namespace = options.namespace === undefined ? "default" : (options.namespace ?? "");
  return { kind, namespace };
}

function createRequest(kind: string, given: DocumentLike, options: CreateOptions) {
  return { ...place(kind, options), document: document(given, options), options: writeOptions(options) };
}

function upsertRequest(kind: string, key: string, given: DocumentLike, options: UpsertOptions) {
  return { ...place(kind, options), key, document: document(given, options), options: writeOptions(options) };
}

function patchRequest(kind: string, key: string, given: DocumentLike, options: PatchOptions) {
  return { ...place(kind, options), key, patch: document(given, options), options: writeOptions(options) };
}

function jsonPatchRequest(kind: string, key: string, given: JsonPatchLike, options: PatchOptions) {
  return { ...patchRequest(kind, key, given, options), patchType: api.PatchType.JSON };
}

function deleteRequest(kind: string, key: string, options: DeleteOptions) {
  return { ...place(kind, options), key, options: writeOptions(options) };
}

function writeOf(write: Write): NonNullable<MessageInitShape<typeof api.CommitOperationSchema>["operation"]> {
  switch (write.verb) {
    case "create":
      return { case: "create", value: create(api.CreateRequestSchema, createRequest(write.kind, write.document, write)) };
    case "upsert": {
      const request = upsertRequest(write.kind, write.key, write.document, write);
      return { case: "upsert", value: create(api.UpsertRequestSchema, request) };
    }
    case "patch": {
      const request = patchRequest(write.kind, write.key, write.patch, write);
      return { case: "patch", value: create(api.PatchRequestSchema, request) };
    }
    case "jsonPatch": {
      const request = jsonPatchRequest(write.kind, write.key, write.patch, write);
      return { case: "patch", value: create(api.PatchRequestSchema, request) };
    }
    case "delete":
      return { case: "delete", value: create(api.DeleteRequestSchema, deleteRequest(write.kind, write.key, write)) };
  }
}

function writeOptions(options: UpsertOptions) {
  const { expectedVersion } = options;
  return {
    ...(expectedVersion === undefined ? {} : { expectedVersion: BigInt(expectedVersion) }),
    expectedId: options.expectedId ?? "",
    dryRun: options.dryRun ?? false,
    withoutDefaults: options.withoutDefaults ?? false,
    fieldValidation: FIELD_VALIDATION[options.fieldValidation ?? "warn"],
  };
}

function document(given: DocumentLike, options: { readonly format?: "json" | "yaml" | undefined }) {
  const format = options.format === undefined ? api.DocumentFormat.UNSPECIFIED : FORMATS[options.format];
  if (typeof given === "string") return { text: new TextEncoder().encode(given), format };
  if (given instanceof Uint8Array) return { text: given, format };
  return { text: new TextEncoder().encode(writeJson(given)), format: api.DocumentFormat.JSON };
}

export type { JsonObject };
