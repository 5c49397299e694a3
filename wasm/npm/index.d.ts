/// <reference lib="esnext.disposable" />

/**
 * kindstore in browsers and Node: the results of a server, without one.
 *
 * Documents are texts in YAML or JSON, or values. Both keep the spelling of numbers (`1.10` stays `1.10` where the schema declares a
 * string): the objects and arrays that `parse` and `parseJson` return remember it for the numbers that are still in them. Only texts
 * give problems a line and a column.
 *
 * An argument of another type is a `TypeError` that names it. Every other failure is a `KindstoreError`.
 */

import type * as types from "@kindstore/types";
import type { Comparison, Difference, DocumentLike, FieldValidation, Format, JsonObject, JsonValue, Kind, Violation } from "@kindstore/types";

export type { Comparison, Difference, DocumentLike, FieldValidation, Format, JsonObject, JsonValue, Kind, Violation } from "@kindstore/types";

// Loading

/**
 * Loads the module, which all other functions need. In a browser it is fetched from beside this file, or from the given address. In
 * Node the import has loaded it already, and this does nothing; nor does a second call.
 */
export function init(source?: ModuleSource): Promise<void>;
export default init;

/** The address of the module, its bytes, a `WebAssembly.Module`, or a `Response`. */
export type ModuleSource = string | object;

/** Loads the module synchronously from its bytes (`@kindstore/wasm/module.wasm`) or from a `WebAssembly.Module`. */
export function initSync(module: object): void;

// Kinds

/** The built-in kinds, and custom kinds that are added at run time. */
export class Registry {
  /**
   * @param definitions The texts of definitions, in YAML.
   * @throws {BadRequest} A definition is invalid; the message names the kind and the place.
   */
  constructor(definitions?: string | Iterable<string>);
  /** Returns all kinds, in the order of their names. */
  kinds(): Kind[];
  /** Returns the JSON Schema (draft 7) of the documents of a kind, for editors. */
  schema(kind: string): JsonObject;
}

/** The kinds of a call; by default the built-in ones. */
export interface RegistryOption {
  readonly registry?: Registry | undefined;
}

/** Returns all kinds, in the order of their names. */
export function kinds(options?: RegistryOption): Kind[];

/**
 * Returns the JSON Schema (draft 7) of the documents of a kind, for editors.
 * @throws {BadRequest} There is no such kind.
 */
export function schema(kind: string, options?: RegistryOption): JsonObject;

// Texts

/** The format of a text. */
export interface FormatOption {
  readonly format?: Format | undefined;
}

/**
 * Returns the values of all documents of a text. A number that no value holds, such as an integer beyond 64 bits, becomes a string.
 * @throws {BadRequest} The text cannot be parsed; `problems` has the place.
 */
export function parse(text: string, options?: FormatOption): JsonValue[];

/** A document of a text, or an item of a list in it. */
export interface Manifest {
  /** The index of the document in the text, from 0. The items of a list count as documents. */
  readonly document: number;
  readonly kind?: string;
  /** The namespace and the name of its metadata. */
  readonly namespace?: string;
  readonly name?: string;
  /** The document alone, without its comments. */
  readonly text: string;
}

/**
 * Returns the documents of a text in the order in which they are applied: namespaces, then what others need, then the rest. The opposite
 * order is that of a deletion.
 * @throws {BadRequest} The text cannot be parsed; `problems` has the place.
 */
export function manifests(text: string, options?: RegistryOption & FormatOption & { readonly to?: Format | undefined }): Manifest[];

/**
 * Returns a value as text, by default in YAML. Strings mean the same to parsers of YAML 1.1 and 1.2; numbers that were parsed are as they
 * were written.
 */
export function stringify(value: unknown, options?: FormatOption): string;

/**
 * Returns a formatted text. Comments, the order of members and the spelling of values are kept. The formatter is a separate module,
 * which is loaded on demand.
 * @throws {BadRequest} The text cannot be parsed, or formatting would change its meaning.
 */
export function format(text: string, options?: FormatOption): Promise<string>;

/** Loads the formatter early, or from another address (`@kindstore/wasm/format.wasm`). In Node the import has loaded it already. */
export function initFormat(source?: ModuleSource): Promise<void>;

/**
 * Returns a text in another format. Numbers are as they were written, where the format has this spelling. Several documents become a
 * `List` in JSON, and a `List` with nothing but items becomes several documents in YAML; comments are lost.
 * @throws {BadRequest} The text cannot be parsed.
 * @throws {Invalid} JSON does not have a number, such as `.inf`.
 */
export function convert(text: string, to: Format, options?: FormatOption): string;

// Validation

/** A position in a text, in every unit that editors use. */
export interface Position {
  /** The line, from 1. */
  readonly line: number;
  /** The character in the line, from 1. */
  readonly column: number;
  /** The UTF-16 code unit in the line, from 1. */
  readonly utf16Column: number;
  /** Bytes before it in the text. */
  readonly byte: number;
  /** Characters before it in the text. */
  readonly character: number;
  /** UTF-16 code units before it in the text: the index into a string of JavaScript. */
  readonly utf16: number;
}

/** A part of a text, from its first character to the position after its last. */
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

/** A problem at one place of a document. */
export interface Diagnostic {
  /** The place, as a JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  /** The place in readable form: `spec.items[0]['a.b']`. */
  readonly attribute: string;
  /** An error makes the document invalid. */
  readonly severity: "error" | "warning";
  /** A stable code for programs, such as `isUnknown`. */
  readonly code: string;
  /** The message for people, with the value. */
  readonly message: string;
  /** The fix, if it is not obvious from the message. */
  readonly hint?: string;
  /** The part of the text, if the document was text. */
  readonly span?: Span;
}

/** A problem in one of several documents. */
export interface DocumentDiagnostic extends Diagnostic {
  /** The index of the document in the text, from 0. The items of a list count as documents. */
  readonly document: number;
}

/** The options of `validate` and `withDefaults`. */
export interface ValidateOptions extends RegistryOption, FormatOption {
  /** The namespace of all documents; by default that of each document, or `default`. */
  readonly namespace?: string | undefined;
  /** The treatment of unknown members. */
  readonly fieldValidation?: FieldValidation | undefined;
  /** Documents of the kinds that supply defaults. Those in the text itself also apply. */
  readonly defaults?: DocumentLike | readonly DocumentLike[] | undefined;
}

/**
 * Returns the problems of all documents of a text: the errors of a document first, then its warnings. A text that cannot be parsed has
 * one problem. Only a store can check references.
 */
export function validate(text: string, options?: ValidateOptions): DocumentDiagnostic[];

/** A value of a new resource, with its source. */
export interface EffectiveValue {
  /** The place, as a JSON pointer. */
  readonly pointer: string;
  /** A scalar, an array, or an object without members. */
  readonly value: JsonValue;
  /** The source: `document`, the kind of the resource with the defaults, or `built in`. */
  readonly from: string;
}

/** A manifest with its defaults. */
export interface Defaulted {
  /** The document that would be stored, normalized and with defaults. */
  readonly document: JsonValue;
  /** The values of its spec, in the order of their places. */
  readonly values: EffectiveValue[];
  /** The problems of the manifest. */
  readonly diagnostics: Diagnostic[];
}

/**
 * Returns a manifest as it would be stored, with the source of each value.
 * @throws {Invalid} The manifest has no known kind.
 * @throws {BadRequest} The manifest cannot be parsed.
 */
export function withDefaults(manifest: DocumentLike, options?: ValidateOptions): Defaulted;

// Patches

/**
 * Applies a merge patch (RFC 7386) to a document; null removes a member. Returns a text for a text, by default in its format, and a
 * value for a value. The members of the result are sorted.
 * @throws {BadRequest} A text cannot be parsed.
 * @throws {Invalid} A number is beyond 64 bits, or too large for a double.
 */
export function mergePatch(target: string | Uint8Array, patch: DocumentLike, options?: FormatOption): string;
export function mergePatch(target: object, patch: DocumentLike): JsonValue;

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: JsonValue }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

/**
 * Applies a JSON Patch (RFC 6902) to a document, as a whole or not at all.
 * @throws {Invalid} An operation cannot be applied, or a test fails.
 * @throws {BadRequest} A text cannot be parsed.
 */
export function jsonPatch(target: string, patch: string | readonly object[], options?: FormatOption): string;
export function jsonPatch(target: object, patch: string | readonly object[]): JsonValue;

/** The differences between two documents, in three forms. */
export interface Diff {
  /** A merge patch from the first to the second; undefined if there is none, because a merge patch cannot set null. */
  readonly mergePatch: JsonValue | undefined;
  /** A JSON Patch from the first to the second. */
  readonly jsonPatch: JsonPatchOperation[];
  /** All differences. */
  readonly changes: Difference[];
}

/**
 * Returns the differences between two documents.
 * @throws {BadRequest} A text cannot be parsed.
 */
export function diff(from: DocumentLike, to: DocumentLike): Diff;

/** The options of `simulatePatch`. */
export interface SimulateOptions extends RegistryOption, WriteChoices {
  /** The kind of the resource; by default its member `kind`. */
  readonly kind?: string | undefined;
  /** The namespace of a resource without one. */
  readonly namespace?: string | undefined;
  /** The type of the patch, by default `merge`; an array is always a JSON Patch. */
  readonly type?: "merge" | "json" | undefined;
  /** The time of the change, by default now. */
  readonly now?: Date | number | string | undefined;
  /** Whether secret members are stored unencrypted. */
  readonly plainSecrets?: boolean | undefined;
}

/** The result that a server would return. */
export interface Simulation {
  /** Whether the patch would succeed. */
  readonly valid: boolean;
  /** Whether the patch would change the resource, which increases the version. */
  readonly changed: boolean;
  /** The resource that the server would return. */
  readonly resource: Resource | undefined;
  /** The error that the server would return. */
  readonly error: KindstoreError | undefined;
  /** The document with the error: the resource may be invalid itself. */
  readonly subject: "resource" | "patch" | undefined;
  /** The problems of that error, each at its place in the text of its subject. */
  readonly problems: readonly Diagnostic[];
  /** The warnings of the server. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Returns the result of a patch of a resource on a server. The resource has the form that `get` returns; without an id or a version it
 * counts as the first version of a new resource. References are not checked.
 * @throws {BadRequest} A text cannot be parsed.
 * @throws {Invalid} The resource has no known kind.
 */
export function simulatePatch(resource: DocumentLike, patch: DocumentLike | readonly object[], options?: SimulateOptions): Simulation;

// Help for editors

/** A position in a text: the number of UTF-16 code units before it, or line and column (in UTF-16 code units) from 1. */
export type PositionLike = number | { readonly line: number; readonly column: number };

/** A completion. */
export interface Completion {
  /** The text for people. */
  readonly label: string;
  /** The text that replaces the part from `from` to `to`. */
  readonly insert: string;
  /** The position of the cursor afterwards, in UTF-16 code units of `insert`. */
  readonly caret: number;
  /** The category; a mark starts a list item or is a pair of brackets. */
  readonly category: "member" | "value" | "kind" | "mark";
  /** The type, and whether the member is required. */
  readonly detail?: string;
  /** The description. */
  readonly documentation?: string;
  /** Whether it is deprecated. */
  readonly deprecated?: true;
}

/** The completions at a position. */
export interface Completions {
  /** The part of the text that a completion replaces, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Missing required members first, then the others in the order of the definition. */
  readonly items: Completion[];
}

/** Returns the completions at a position of a text, which may be incomplete. */
export function complete(text: string, position: PositionLike, options?: RegistryOption & FormatOption): Completions;

/** The documentation of the word at a position. */
export interface Hover {
  /** The part of the text that it describes, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** The place, as a JSON pointer. */
  readonly pointer: string;
  /** The type, and whether the member is required. */
  readonly detail: string;
  /** The title. */
  readonly title?: string;
  /** The description. */
  readonly documentation?: string;
  /** Bounds, allowed values, defaults. */
  readonly facts: readonly string[];
  /** Example values. */
  readonly examples: readonly JsonValue[];
}

/** Returns the documentation of the word at a position of a text; undefined if there is none. */
export function hover(text: string, position: PositionLike, options?: RegistryOption & FormatOption): Hover | undefined;

// Resources

/** The metadata of a resource, with the members that only its kind has, such as `displayName`. */
export interface Metadata extends types.Metadata {
  readonly [name: string]: JsonValue | Readonly<Record<string, string>> | undefined;
}

/** A resource. */
export type Resource = types.Resource<Metadata>;

/** The report of a write. */
export interface WriteOutcome extends types.WriteOutcome<Resource, Diagnostic> {
  /** Whether the write changed the resource. */
  readonly changed: boolean;
}

/** A retained version of a resource. */
export type Version = types.Version<Resource>;

/** The versions of a resource, the newest first. */
export type History = types.History<Resource>;

/** A page of a list. */
export type Page = types.Page<Resource>;

/** The report of one operation of a transaction. */
export type OperationOutcome = types.OperationOutcome<Resource, Diagnostic>;

/** The report of a transaction. */
export type CommitOutcome = types.CommitOutcome<Resource, Diagnostic>;

/** The options of every call about resources. */
export interface ResourceOptions extends types.NamespaceOption {}

/** The options of `get`. */
export interface GetOptions extends ResourceOptions, types.RevealOption, types.RevisionOption {}

/** The selectors of a list. */
export interface SelectOptions extends ResourceOptions, types.SelectorOptions {}

/** The options of `list`. */
export interface ListOptions extends SelectOptions, types.RevisionOption {}

/** The options of a page. */
export interface PageOptions extends types.PageOptions {}

/** The options of `history`. */
export interface HistoryOptions extends ResourceOptions, types.AuthoredOption {}

/** The options of a write and of an operation of a transaction. */
export interface WriteChoices extends types.DocumentOptions, types.PreconditionOptions {}

/** The options of a write. */
export interface WriteOptions extends ResourceOptions, WriteChoices, types.DryRunOption {}

/** The options of `upsert`. */
export interface UpsertOptions extends WriteOptions, types.DefaultsOption {}

/** One operation of a transaction. */
export type Operation =
  | ({ readonly verb: "create"; readonly kind: string; readonly document: DocumentLike } & WriteChoices)
  | ({
      readonly verb: "upsert";
      readonly kind: string;
      readonly key: string;
      readonly document: DocumentLike;
    } & WriteChoices &
      types.DefaultsOption)
  | ({
      readonly verb: "patch" | "jsonPatch";
      readonly kind: string;
      readonly key: string;
      readonly patch: DocumentLike | readonly object[];
    } & WriteChoices)
  | ({ readonly verb: "delete"; readonly kind: string; readonly key: string } & WriteChoices);

/** The options of `watch`. */
export interface WatchOptions extends types.WatchSelection {}

/** An event of a watch. */
export type WatchEvent =
  | types.Change<Resource>
  | types.Bookmark
  /** The watch has ended, because the next changes are compacted. */
  | { readonly type: "ERROR"; readonly cursor: string; readonly error: KindstoreError; readonly resource?: undefined };

/** A running watch. */
export interface Watch {
  /** The position up to which all changes have been reported; a watch that resumes after it misses nothing. */
  readonly cursor: string;
  /** Whether it has ended. */
  readonly closed: boolean;
  /** Ends the watch. */
  close(): void;
}

/** The options of a store. */
export interface StoreOptions extends RegistryOption {
  /** Stores secret members unencrypted. Without it, writes of secrets throw `NotConfigured`. */
  readonly plainSecrets?: boolean | undefined;
  /** Documents of the kinds with global defaults, such as `GlobalDeploymentDefaults`. */
  readonly globalDefaults?: DocumentLike | undefined;
  /** Returns the time of each call, for reproducible runs: a `Date`, milliseconds, or RFC 3339. */
  readonly now?: (() => Date | number | string) | undefined;
  /** Returns the ids of new resources: unique, increasing UUIDs. It is called before the writes. */
  readonly ids?: (() => string) | undefined;
}

/**
 * A store in memory with the functions of a server. The methods are those of `@kindstore/client`, but synchronous. Failures are thrown
 * as the classes of this package.
 */
export class Store {
  constructor(options?: StoreOptions);
  /**
   * Returns a store with the content of an `export`, including the history.
   * @throws {BadRequest} The content is damaged, or of a newer version.
   */
  static import(content: Uint8Array, options?: StoreOptions): Store;
  /** Returns the whole content: resources, versions, revisions and cursors. */
  export(): Uint8Array;

  /** The newest revision. */
  readonly revision: number;
  /** The interface for controllers, which alone can write status and system kinds. */
  readonly system: System;

  /** Returns a resource by name or id. A kind with one resource per namespace needs no key. Throws `NotFound`. */
  get(kind: string, key?: string, options?: GetOptions): Resource;
  /** Returns the resources of a kind in a namespace, in the order of their creation. */
  list(kind: string, options?: ListOptions): Resource[];
  /** Returns a page of a list. All pages show the revision of the first one. */
  listPage(kind: string, options?: ListOptions & PageOptions): Page;
  /** Returns the retained versions of a resource, the newest first, also of a deleted one. */
  history(kind: string, key?: string, options?: HistoryOptions): History;
  /** Returns a page of `history`. */
  historyPage(kind: string, key?: string, options?: HistoryOptions & PageOptions): History;
  /** Returns one version of a resource, also of a deleted one. Throws `NotFound`. */
  version(kind: string, key: string, version: number, options?: ResourceOptions): Version;
  /** Returns the differences between two versions of a resource; the second is the newest by default. */
  compare(kind: string, key: string, fromVersion: number, toVersion?: number, options?: ResourceOptions): Comparison;

  /** Creates a resource. Throws `AlreadyExists` and `Invalid`. */
  create(kind: string, document: DocumentLike, options?: WriteOptions): WriteOutcome;
  /** Creates a resource with a name, or replaces the user part of the existing one. */
  upsert(kind: string, key: string, document: DocumentLike, options?: UpsertOptions): WriteOutcome;
  /** Changes a resource with a merge patch (RFC 7386). Never creates one. Throws `NotFound` and `Invalid`. */
  patch(kind: string, key: string, patch: DocumentLike, options?: WriteOptions): WriteOutcome;
  /** Changes a resource with a JSON Patch (RFC 6902), as a whole or not at all. */
  jsonPatch(kind: string, key: string, patch: string | readonly object[], options?: WriteOptions): WriteOutcome;
  /** Deletes a resource and returns its last state. Throws `NotFound` and `Blocked`. */
  delete(kind: string, key: string, options?: WriteOptions): WriteOutcome;
  /** Stores the user part of an earlier version as the next version of a resource. */
  rollback(kind: string, key: string, version: number, options?: WriteOptions): WriteOutcome;
  /** Restores a deleted resource in its last state, with its id and its next version. */
  undelete(kind: string, key: string, options?: WriteOptions): WriteOutcome;
  /** Applies up to 1,000 writes of a namespace under one revision, or none of them. Each is about another resource. */
  commit(namespace: string, operations: readonly Operation[], options?: { readonly dryRun?: boolean | undefined }): CommitOutcome;

  /** Calls back with each change of a kind in a namespace, soon after the commit, until the watch is closed. */
  watch(kind: string, namespace: string | null | undefined, onEvent: (event: WatchEvent) => void): Watch;
  watch(kind: string, namespace: string | null | undefined, options: WatchOptions, onEvent: (event: WatchEvent) => void): Watch;

  /** Removes the history beyond the store's limits, except this number of the newest commits. Nothing else removes history. */
  compact(revisions?: number): { readonly floor: number; readonly revision: number; readonly removed: number };
  /** Reads everything in the store and returns the problems. */
  check(): { readonly sound: boolean; readonly resources: number; readonly flaws: readonly Flaw[] };
  /** Frees the memory and ends the watches. A `using` declaration does the same. */
  free(): void;
  [Symbol.dispose](): void;
}

/** Writes that users are not allowed to make. */
export interface System {
  /** Creates a resource of any kind, with its status. */
  create(kind: string, document: DocumentLike, options?: WriteOptions): WriteOutcome;
  /** Changes any part of a resource, such as its status, with a merge patch. */
  patch(kind: string, key: string, patch: DocumentLike, options?: WriteOptions): WriteOutcome;
  /** Deletes a resource of any kind, in any state. */
  delete(kind: string, key: string, options?: WriteOptions): WriteOutcome;
}

/** A problem of the stored data. */
export interface Flaw {
  readonly kind?: string;
  readonly namespace?: string;
  readonly key?: string;
  readonly message: string;
}

// Failures

/** The base class of all failures. The subclass tells how to react; `reason` is the same as a stable code, which servers return too. */
export class KindstoreError extends Error implements types.Failure {
  readonly reason: string;
  /** The subject for programs, such as the kind and the name. */
  readonly context: Readonly<Record<string, string>>;
  /** The problems of the document, for `Invalid` and `BadRequest`. */
  readonly problems: readonly Diagnostic[];
  /** The same problems in the form of `@kindstore/client`. */
  readonly violations: readonly Violation[];
}

/** The document breaks the rules of its kind: fix every problem in `problems`. */
export class Invalid extends KindstoreError {}
/** The text of the document or the request is malformed: fix it. */
export class BadRequest extends KindstoreError {}
/** The resource, the version or the namespace does not exist. */
export class NotFound extends KindstoreError {}
/** The kind does not have this verb; the message lists its verbs. */
export class MethodNotAllowed extends KindstoreError {}
/** The name is taken: choose another one, or upsert. */
export class AlreadyExists extends KindstoreError {}
/** The resource is in the wrong state; the message names the required state. */
export class Blocked extends KindstoreError {}
/** The revision is compacted: start again from the newest one. */
export class Expired extends KindstoreError {}
/** The resource is not at the expected version: read it again, then repeat the change. */
export class PreconditionFailed extends KindstoreError {}
/** The store lacks an option; the message names it. */
export class NotConfigured extends KindstoreError {}
/** The module failed. */
export class Internal extends KindstoreError {}

/** Parses JSON text with exact integers: those beyond 2^53 become bigints. */
export function parseJson(text: string): JsonValue;
/** Serializes a value as JSON text with exact integers. Throws a `TypeError` for values that JSON cannot represent. */
export function writeJson(value: unknown): string;
