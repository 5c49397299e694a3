/** The client, for any transport. */

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";

import type * as types from "@kindstore/types";
import type { Comparison, DocumentLike, JsonPatchLike, Kind } from "@kindstore/types";

import { Clock } from "./clock.js";
import * as api from "./generated/kindstore/v1/resource_service_pb.js";
import { parseJson, writeJson } from "./json.js";
import {
  type CommitOutcome,
  type History,
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
  type WriteOutcome,
} from "./resource.js";
import { pauseAfter, type Retry } from "./retry.js";
import { type CallOptions as TransportOptions, type Transport } from "./transport.js";
import { type Change, WatchProgress, Watch, type WatchEvent, type WatchOptions } from "./watch.js";

/** The options of a client. */
export interface ClientOptions {
  /** The default deadline of calls, in milliseconds: 30,000 by default; 0 for none. */
  readonly deadlineMs?: number;
  /** The policy for retrying calls that are safe to retry. */
  readonly retry?: Retry;
  /** Headers of every call, such as `{ authorization: "Bearer ..." }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Parses the text of a spec or a status; by default, integers beyond 2^53 become bigints. */
  readonly parse?: (text: string) => unknown;
}

/** The options of every call. */
export interface CallOptions {
  /** The maximum duration of the call with its retries, in milliseconds; 0 for none. */
  readonly deadlineMs?: number | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of a call about resources. */
export interface ResourceOptions extends CallOptions, types.NamespaceOption {}

/** The options of `get`. */
export interface GetOptions extends ResourceOptions, types.RevisionOption, types.RevealOption {}

/** The options of `streamList`. */
export interface SelectOptions extends ResourceOptions, types.RevisionOption, types.SelectorOptions {}

/** The options of `list`. */
export interface ListOptions extends SelectOptions, Pick<types.PageOptions, "pageSize"> {}

/** The options of `listPage`. */
export interface ListPageOptions extends SelectOptions, types.PageOptions {}

/** The options of `history`. */
export interface HistoryOptions extends ResourceOptions, types.AuthoredOption {}

/** The options of `historyPage`. */
export interface HistoryPageOptions extends HistoryOptions, types.PageOptions {}

/** The options of `create`. */
export interface CreateOptions extends ResourceOptions, types.DocumentOptions, types.DryRunOption {}

/** The options of `delete`. */
export interface DeleteOptions extends ResourceOptions, types.PreconditionOptions, types.DryRunOption {}

/** The options of `rollback`. */
export interface RollbackOptions extends DeleteOptions {}

/** The options of `undelete`. */
export interface UndeleteOptions extends ResourceOptions, types.DryRunOption {}

/** The options of `patch`. */
export interface PatchOptions extends CreateOptions, DeleteOptions {}

/** The options of `upsert`. */
export interface UpsertOptions extends PatchOptions, types.DefaultsOption {}

/** A write, for `validate`. */
export type Write =
  | ({ readonly verb: "create"; readonly kind: string; readonly document: DocumentLike } & CreateOptions)
  | ({ readonly verb: "upsert"; readonly kind: string; readonly key: string; readonly document: DocumentLike } & UpsertOptions)
  | ({ readonly verb: "patch"; readonly kind: string; readonly key: string; readonly patch: DocumentLike } & PatchOptions)
  | ({ readonly verb: "jsonPatch"; readonly kind: string; readonly key: string; readonly patch: JsonPatchLike } & PatchOptions)
  | ({ readonly verb: "delete"; readonly kind: string; readonly key: string } & DeleteOptions);

/** One write of a transaction, without the options of the whole transaction. */
export type Operation = Write extends infer One ? (One extends Write ? Omit<One, keyof ResourceOptions | "dryRun"> : never) : never;

/** The options of `commit`. */
export interface CommitOptions extends CallOptions, types.DryRunOption {}

const method = api.ResourceService.method;
const FIELD_VALIDATION = {
  warn: api.FieldValidation.WARN,
  strict: api.FieldValidation.STRICT,
  ignore: api.FieldValidation.IGNORE,
} as const;
const FORMATS = { json: api.DocumentFormat.JSON, yaml: api.DocumentFormat.YAML } as const;

/** A connection to a store, opened with `connect`. Every failure is a `KindstoreError`. */
export class Client {
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #parse: Parse;

  /** For internal use; call `connect`. */
  constructor(transport: Transport, options: ClientOptions = {}) {
    this.#transport = transport;
    this.#options = options;
    this.#parse = (options.parse as Parse | undefined) ?? parseJson;
  }

  /** Closes the connection. */
  close(): void {
    this.#transport.close();
  }

  /** Returns a resource by name or id. A kind with one resource per namespace needs no key. Throws `NotFound`. */
  async get(kind: string, key = "", options: GetOptions = {}): Promise<Resource> {
    const revision = BigInt(options.revision ?? 0);
    const request = { ...place(kind, options), key, reveal: options.reveal ?? false, revision };
    return this.#resource((await this.#run(method.get, request, false, options)).resource);
  }

  /**
   * Returns the resources of a kind in a namespace, in the order of their creation.
   *
   * The list is read in pages, which all show one revision; the deadline applies to each page. Use `streamList` for lists that
   * are too large for memory.
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
   * Returns a page of a list. All pages show the revision of the first one. Throws `Expired` if that revision is compacted; start
   * again then.
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
   * Yields the resources of a kind in a namespace.
   *
   * The stream has no deadline unless one is given, because it would limit the whole stream. Starting the stream is retried like a
   * read; if the stream breaks later, the error is thrown, because resources have been yielded already.
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
          const failure = clock.failureOf(error, false);
          const pause = isBegun ? undefined : pauseAfter(this.#options.retry ?? {}, attempt, failure);
          if (pause === undefined || !(await clock.sleep(pause))) throw failure;
        } finally {
          // Without this the server keeps sending to a caller that has stopped reading.
          stop.abort();
        }
      }
    } finally {
      clock.end();
    }
  }

  /**
   * Returns a watch of the resources of a kind in a namespace, or of one resource. It reports each change once, in commit order.
   *
   * The watch starts now, with a list of the existing resources, or after a cursor, and does not end by itself. If the connection
   * is lost, it reconnects and resumes after the last event; a partly reported list throws `Unavailable` instead. Throws `Expired`
   * if the changes after the cursor are compacted (list again), `BadRequest` for an invalid cursor, and `NotFound` if the namespace
   * does not exist.
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
    return new Watch<WatchEvent>(start, new WatchProgress(place(kind, { namespace }), options, this.#options.retry ?? {}, read));
  }

  /** Creates a resource. Throws `AlreadyExists` and `Invalid`. */
  async create(kind: string, document: DocumentLike, options: CreateOptions = {}): Promise<WriteOutcome> {
    const answer = await this.#run(method.create, createRequest(kind, document, options), !options.dryRun, options);
    return this.#outcome(answer, true, answer.warnings);
  }

  /**
   * Creates a resource with a name, or replaces the user part of the existing one. Throws `Invalid` and `PreconditionFailed`.
   */
  async upsert(kind: string, key: string, document: DocumentLike, options: UpsertOptions = {}): Promise<WriteOutcome> {
    const request = upsertRequest(kind, key, document, options);
    const answer = await this.#run(method.upsert, request, !options.dryRun, options);
    return this.#outcome(answer, answer.created, answer.warnings);
  }

  /**
   * Changes a resource with a merge patch (RFC 7386), in which null removes a member. Never creates one. Throws `NotFound`,
   * `Invalid` and `PreconditionFailed`.
   */
  async patch(kind: string, key: string, patch: DocumentLike, options: PatchOptions = {}): Promise<WriteOutcome> {
    const answer = await this.#run(method.patch, patchRequest(kind, key, patch, options), !options.dryRun, options);
    return this.#outcome(answer, false, answer.warnings);
  }

  /**
   * Changes a resource with a JSON Patch (RFC 6902), as a whole or not at all. Never creates one. The operations see the resource
   * as `get` returns it; members of the server can be tested but not written. Throws the errors of `patch`; an operation that
   * cannot be applied is `Invalid`, a failed test with the reason `failsTest`.
   */
  async jsonPatch(kind: string, key: string, patch: JsonPatchLike, options: PatchOptions = {}): Promise<WriteOutcome> {
    const request = jsonPatchRequest(kind, key, patch, options);
    const answer = await this.#run(method.patch, request, !options.dryRun, options);
    return this.#outcome(answer, false, answer.warnings);
  }

  /** Deletes a resource and returns its last state. Throws `NotFound`, `Blocked` and `PreconditionFailed`. */
  async delete(kind: string, key: string, options: DeleteOptions = {}): Promise<WriteOutcome> {
    const answer = await this.#run(method.delete, deleteRequest(kind, key, options), !options.dryRun, options);
    return this.#outcome(answer, false, []);
  }

  /**
   * Returns the retained versions of a resource, the newest first, also of a deleted one. If another resource has taken the name of
   * a deleted one, use the id as key. Throws `NotFound`.
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

  /** Returns a page of `history`. */
  async historyPage(kind: string, key = "", options: HistoryPageOptions = {}): Promise<History> {
    const { pageSize = 0, pageToken = "", authoredOnly = false } = options;
    const request = { ...place(kind, options), key, pageSize, pageToken, authoredOnly };
    const page = await this.#run(method.listVersions, request, false, options);
    const versions = page.versions.map((message) => readVersion(message, this.#parse));
    return { versions, deleted: page.deleted, nextPageToken: page.nextPageToken };
  }

  /** Returns one version of a resource, also of a deleted one. Throws `NotFound`, also for a version that is not retained. */
  async version(kind: string, key: string, version: number, options: ResourceOptions = {}): Promise<Version> {
    const request = { ...place(kind, options), key, version: BigInt(version) };
    return readVersion((await this.#run(method.getVersion, request, false, options)).version, this.#parse);
  }

  /** Returns the differences between two versions of a resource; the second is the newest by default. */
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
   * Stores the user part of an earlier version as the next version of a resource; the status does not change. Throws `NotFound`,
   * `PreconditionFailed`, and `Invalid` if the version breaks the current rules of the kind.
   */
  async rollback(kind: string, key: string, version: number, options: RollbackOptions = {}): Promise<WriteOutcome> {
    const request = { ...place(kind, options), key, version: BigInt(version), options: writeOptions(options) };
    const answer = await this.#run(method.rollback, request, !options.dryRun, options);
    return this.#outcome(answer, false, answer.warnings);
  }

  /**
   * Restores a deleted resource in its last state, with its id and its next version. Throws `NotFound` if it is not retained,
   * `AlreadyExists` if it exists or its name is taken, and `Invalid` if a referenced resource does not exist.
   */
  async undelete(kind: string, key: string, options: UndeleteOptions = {}): Promise<WriteOutcome> {
    const request = { ...place(kind, options), key, options: writeOptions(options) };
    const answer = await this.#run(method.undelete, request, !options.dryRun, options);
    return this.#outcome(answer, true, answer.warnings);
  }

  /**
   * Applies several writes of a namespace under one revision, or none of them.
   *
   * Up to 1,000 writes are applied in order, each about another resource; each sees the effects of those before it. Throws `Invalid`
   * with the problems of all documents, each at `operations[INDEX].document`; any other error is that of the first failing
   * operation, with its index under `operation` in the context.
   */
  async commit(namespace: string, operations: readonly Operation[], options: CommitOptions = {}): Promise<CommitOutcome> {
    // Both belong to the transaction; JavaScript callers may still set them on an operation.
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
   * Returns the result that a write would have; stores nothing.
   *
   * An invalid document is a result here, not an error. Errors that do not concern the document, such as a taken name, are thrown as
   * by the write.
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

  /** Returns all kinds. */
  async kinds(options: CallOptions = {}): Promise<Kind[]> {
    return (await this.#run(method.listKinds, {}, false, options)).kinds.map(readKind);
  }

  /** Returns a kind by its name, plural, singular or a short name, in any case. Throws `BadRequest` if there is none. */
  async kind(name: string, options: CallOptions = {}): Promise<Kind> {
    const answer = await this.#run(method.getKind, { kind: name }, false, options);
    if (answer.kind === undefined) throw new TypeError("the response has no kind");
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
          const failure = clock.failureOf(error, isWrite);
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
    if (message === undefined) throw new TypeError("the response has no resource");
    return new Resource(message, this.#parse);
  }

  #outcome(
    answer: Pick<api.PatchResponse, "resource" | "revision">,
    created: boolean,
    warnings: api.PatchResponse["warnings"],
  ): WriteOutcome {
    return {
      resource: this.#resource(answer.resource),
      created,
      warnings: readDiagnostics(warnings),
      revision: readCount(answer.revision),
    };
  }
}

/** Returns the selectors and the revision of a list. */
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
