/// <reference lib="esnext.disposable" />

/**
 * kindstore in the browser and in Node: the answers of its servers, without one.
 *
 * Documents can be given as texts, in YAML or JSON, or as values. Texts keep the spelling of numbers (`1.10` stays `1.10`
 * where a string is declared) and give problems their line and column.
 */

/** A value of JSON. Integers beyond 2^53 are bigints, all other numbers are numbers. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  [name: string]: Json;
}

/** The language of a text. Unless told, a text that begins with a brace and is JSON is JSON, and all others are YAML. */
export type Format = "json" | "yaml";

/** A document: its text, its bytes in UTF-8, or a value. */
export type DocumentLike = string | Uint8Array | object;

/** What becomes of members that a kind does not know: each is a warning (unless told), an error, or nothing. */
export type FieldValidation = "warn" | "strict" | "ignore";

// Loading

/**
 * Loads the module; everything else works once it is there. In a browser it is fetched from beside this file, or from where
 * the argument says. In Node it is there from the start, and this does nothing. So does a second call.
 */
export function init(source?: ModuleSource): Promise<void>;
export default init;

/** The address of the module, its bytes, a compiled one (`WebAssembly.Module`), or what `fetch` gives. */
export type ModuleSource = string | object;

/** The same at once, from the bytes of the module (`kindstore/module.wasm`) or from a compiled one. */
export function initSync(module: object): void;

// Kinds

/** What there is to know of a kind. */
export interface Kind {
  /** The name in documents, such as `Deployment`. */
  readonly kind: string;
  /** The version of the structure, such as `v1`. */
  readonly apiVersion: string;
  /** One sentence for people. */
  readonly description: string;
  /** The path prefix in REST, such as `/api/v1`. */
  readonly group: string;
  /** The name of the collection in REST paths, such as `deployments`. */
  readonly plural: string;
  /** The name of one, in lower case. */
  readonly singular: string;
  /** Short forms for people who type. */
  readonly shortNames: readonly string[];
  /** Whether resources live in namespaces. */
  readonly namespaced: boolean;
  /** Whether only the system creates and changes resources. */
  readonly systemManaged: boolean;
  /** How one is addressed: by name or id, by id, or as the only one in its namespace. */
  readonly keyScheme: "name" | "id" | "singleton";
  /** What users may do. */
  readonly verbs: readonly ("list" | "get" | "create" | "upsert" | "patch" | "delete")[];
}

/** The built-in kinds, and those that a user adds at run time. */
export class Registry {
  /**
   * @param definitions The texts of definitions, in YAML.
   * @throws {BadRequest} A definition makes no sense; the message names the kind and the place.
   */
  constructor(definitions?: string | Iterable<string>);
  /** All kinds, in the order of their names. */
  kinds(): Kind[];
  /** The JSON Schema (draft 7) of the documents of a kind, for editors. */
  schema(kind: string): JsonObject;
}

/** Which kinds are meant; the built-in ones unless told. */
export interface RegistryOption {
  readonly registry?: Registry | undefined;
}

/** All kinds, in the order of their names. */
export function kinds(options?: RegistryOption): Kind[];

/**
 * The JSON Schema (draft 7) of the documents of a kind, for editors.
 * @throws {BadRequest} There is no such kind.
 */
export function schema(kind: string, options?: RegistryOption): JsonObject;

// Texts

export interface FormatOption {
  readonly format?: Format | undefined;
}

/**
 * The values of all documents of a text.
 * @throws {BadRequest} The text cannot be read; `problems` has the place.
 */
export function parse(text: string, options?: FormatOption): Json[];

/** A value as text: in YAML unless told. YAML that is written so is read the same by readers of YAML 1.1 and 1.2. */
export function stringify(value: unknown, options?: FormatOption): string;

/**
 * A text in good form: comments, the order of members and the spelling of values stay. The formatter is a module of its own,
 * which is loaded when it is first needed.
 * @throws {BadRequest} The text cannot be read, or would not say the same.
 */
export function format(text: string, options?: FormatOption): Promise<string>;

/** Loads the formatter ahead, or from elsewhere (`kindstore/format.wasm`). In Node it is there from the start. */
export function initFormat(source?: ModuleSource): Promise<void>;

/**
 * The documents of a text in another format. Several documents become an array in JSON; comments do not survive.
 * @throws {BadRequest} The text cannot be read.
 */
export function convert(text: string, to: Format, options?: FormatOption): string;

// Judging

/** A place in a text, counted in every way that editors count. */
export interface Position {
  /** The line, from 1. */
  readonly line: number;
  /** The character in its line, from 1. */
  readonly column: number;
  /** The UTF-16 code unit in its line, from 1. */
  readonly utf16Column: number;
  /** Bytes before it in the text. */
  readonly byte: number;
  /** Characters before it in the text. */
  readonly character: number;
  /** UTF-16 code units before it in the text: the index into a string of JavaScript. */
  readonly utf16: number;
}

/** A part of a text, from its first character to just behind its last. */
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

/** A problem at one place of a document. */
export interface Diagnostic {
  /** Where, as a JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  /** Where, as people write it: `spec.items[0]['a.b']`. */
  readonly attribute: string;
  /** Whether it refuses the document. */
  readonly severity: "error" | "warning";
  /** Why, as a stable word for programs, such as `isUnknown`. */
  readonly code: string;
  /** Why, for people: names the value. */
  readonly message: string;
  /** The way out, where it is not plain from the message. */
  readonly hint?: string;
  /** Where in the text, if the document was text. */
  readonly span?: Span;
}

/** A problem of one of several documents. */
export interface DocumentDiagnostic extends Diagnostic {
  /** Which document of the text, from 0. The items of a list count as documents. */
  readonly document: number;
}

export interface JudgeOptions extends RegistryOption, FormatOption {
  /** The namespace of documents that are meant for one; that of each document, or `default`, unless told. */
  readonly namespace?: string | undefined;
  /** What becomes of members that a kind does not know. */
  readonly fieldValidation?: FieldValidation | undefined;
  /** Documents of the kinds that supply defaults. Those in the text itself count, too. */
  readonly defaults?: DocumentLike | readonly DocumentLike[] | undefined;
}

/**
 * Every problem of every document of a text, each at its place: the errors of a document first, then its warnings. A text
 * that cannot be read has one problem. Whether what a document refers to is there, only a store can say.
 */
export function validate(text: string, options?: JudgeOptions): DocumentDiagnostic[];

/** A value that a new resource would have. */
export interface EffectiveValue {
  /** Where it is, as a JSON pointer. */
  readonly pointer: string;
  /** A scalar, an array, or an object without members. */
  readonly value: Json;
  /** `document`, the name of the kind whose resource supplies it, or `built in`. */
  readonly from: string;
}

/** A manifest with its defaults. */
export interface Defaulted {
  /** What would be stored: in form and with its defaults. */
  readonly document: Json;
  /** Every value of its spec, in the order of their places. */
  readonly values: EffectiveValue[];
  /** What is wrong with the manifest. */
  readonly diagnostics: Diagnostic[];
}

/**
 * A manifest as it would be stored, with where each value comes from.
 * @throws {Invalid} It is of no kind.
 * @throws {BadRequest} It cannot be read.
 */
export function withDefaults(manifest: DocumentLike, options?: JudgeOptions): Defaulted;

// Patches

/**
 * What a merge patch (RFC 7386) makes of a document: null removes a member. Of texts the answer is a text, in the format of
 * the document unless told; of values it is a value. Members come out sorted.
 * @throws {BadRequest} A text cannot be read.
 */
export function mergePatch(target: string, patch: DocumentLike, options?: FormatOption): string;
export function mergePatch(target: object, patch: DocumentLike): Json;

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

/**
 * What a JSON Patch (RFC 6902) makes of a document: all of its operations, or none.
 * @throws {Invalid} An operation cannot be applied, or a test fails.
 * @throws {BadRequest} A text cannot be read.
 */
export function jsonPatch(target: string, patch: string | readonly object[], options?: FormatOption): string;
export function jsonPatch(target: object, patch: string | readonly object[]): Json;

/** A place at which two documents differ. */
export interface Difference {
  /** The place, as a JSON pointer into both. */
  readonly path: string;
  /** What the first one has there. */
  readonly old?: Json;
  /** What the second one has there. */
  readonly new?: Json;
}

/** What differs between two documents, in three forms. */
export interface Diff {
  /** A merge patch from the first to the second; undefined when none can say it, since a null is to stay. */
  readonly mergePatch: Json | undefined;
  /** A JSON Patch from the first to the second. */
  readonly jsonPatch: JsonPatchOperation[];
  /** Every place at which they differ. */
  readonly changes: Difference[];
}

/**
 * What differs between two documents.
 * @throws {BadRequest} A text cannot be read.
 */
export function diff(from: DocumentLike, to: DocumentLike): Diff;

export interface SimulateOptions extends RegistryOption, WriteChoices {
  /** The kind of the resource, which it says itself unless told. */
  readonly kind?: string | undefined;
  /** The namespace of a resource that says none. */
  readonly namespace?: string | undefined;
  /** What the patch is. `merge` unless told; an array is a JSON Patch in any case. */
  readonly type?: "merge" | "json" | undefined;
  /** The time of the change; now unless told. */
  readonly now?: Date | number | string | undefined;
  /** Whether secret members may be kept in clear. */
  readonly plainSecrets?: boolean | undefined;
}

/** What a server would answer. */
export interface Simulation {
  /** Whether the patch would be taken. */
  readonly valid: boolean;
  /** Whether it would change anything; only then the version rises. */
  readonly changed: boolean;
  /** The resource that the server would return. */
  readonly resource: Resource | undefined;
  /** What it would refuse. */
  readonly error: KindstoreError | undefined;
  /** Whose error that is: the resource may not be valid itself. */
  readonly subject: "resource" | "patch" | undefined;
  /** The problems of that error, each at its place in the text of its subject. */
  readonly problems: readonly Diagnostic[];
  /** What it would remark. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * What a server would answer to a patch of a resource, given as the server shows it. A manifest without an id or a version
 * counts as the first version of a new resource. Whether what it refers to is there is not asked.
 * @throws {BadRequest} A text cannot be read.
 * @throws {Invalid} The resource is of no kind.
 */
export function simulatePatch(resource: DocumentLike, patch: DocumentLike | readonly object[], options?: SimulateOptions): Simulation;

// Help while writing

/** A place in a text: UTF-16 code units before it, or line and column (of UTF-16 code units) from 1. */
export type PositionLike = number | { readonly line: number; readonly column: number };

/** Something that can stand at the place. */
export interface Completion {
  /** What people see. */
  readonly label: string;
  /** What is written in the place of the part that the answer names. */
  readonly insert: string;
  /** Where the cursor goes, in UTF-16 code units of `insert`. */
  readonly caret: number;
  /** What it is; a mark is the beginning of an item, or a pair of brackets. */
  readonly category: "member" | "value" | "kind" | "mark";
  /** Its type, and whether it is required. */
  readonly detail?: string;
  /** What it is for. */
  readonly documentation?: string;
  /** Whether it should not be used any more. */
  readonly deprecated?: true;
}

/** What can stand at a place. */
export interface Completions {
  /** The part of the text that an item takes the place of, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Required members that are missing come first, then what the definition has, in its order. */
  readonly items: Completion[];
}

/** What can stand at a place of a text, which may be half written. */
export function complete(text: string, position: PositionLike, options?: RegistryOption & FormatOption): Completions;

/** What is known of the word at a place. */
export interface Hover {
  /** The part of the text that it is about, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Where it is, as a JSON pointer. */
  readonly pointer: string;
  /** Its type, and whether it is required. */
  readonly detail: string;
  /** What people call it. */
  readonly title?: string;
  /** What it is for. */
  readonly documentation?: string;
  /** Bounds, allowed values, defaults. */
  readonly facts: readonly string[];
  /** Values that somebody may want to copy. */
  readonly examples: readonly Json[];
}

/** What is known of the word at a place of a text; undefined when nothing is. */
export function hover(text: string, position: PositionLike, options?: RegistryOption & FormatOption): Hover | undefined;

// Resources

/** What every resource says about itself. What a kind does not have is not there. */
export interface Metadata {
  /** The id, given by the store and never changed. */
  readonly id: string;
  readonly name?: string;
  readonly namespace?: string;
  /** When it was created, as RFC 3339 with microseconds. */
  readonly createdAt: string;
  /** When it was last changed. */
  readonly modifiedAt?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** 1 on create, one more with each stored change. */
  readonly resourceVersion: number;
  /** What only this kind has, such as `displayName`. */
  readonly [name: string]: Json | Readonly<Record<string, string>> | undefined;
}

/** One resource. */
export interface Resource {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Metadata;
  /** What the user wants. */
  readonly spec?: JsonObject;
  /** What the system found. */
  readonly status?: JsonObject;
}

/** What a write did. */
export interface Written {
  /** The resource as it is stored; after `delete`, as it was last. */
  readonly resource: Resource;
  /** Whether there was none before. */
  readonly created: boolean;
  /** Whether anything differs from before. */
  readonly changed: boolean;
  /** What was remarked about the document without refusing it. */
  readonly warnings: readonly Diagnostic[];
  /** The number of the commit; 0 when nothing was stored. */
  readonly revision: number;
}

/** A version of a resource. */
export interface Version {
  readonly version: number;
  /** The commit that stored it; 0 for what exists from the start and was never written. */
  readonly revision: number;
  /** The commit that stored the next version or deleted the resource. */
  readonly endedRevision?: number;
  /** Whether it changed more than the status. */
  readonly authored: boolean;
  readonly resource: Resource;
}

/** The versions of a resource, the newest first. */
export interface History {
  readonly versions: readonly Version[];
  /** Whether the resource is deleted. */
  readonly deleted: boolean;
  /** Where to go on; empty when these are all. */
  readonly nextPageToken: string;
}

/** What differs between two versions. Times and the version itself do not count. */
export interface Comparison {
  readonly fromVersion: number;
  readonly toVersion: number;
  readonly differences: readonly Difference[];
}

/** A page of a list. */
export interface Page {
  readonly resources: readonly Resource[];
  /** Where to go on; empty at the end. */
  readonly nextPageToken: string;
  /** The revision that all pages tell of. */
  readonly revision: number;
}

/** What one operation of a commit did. */
export interface Result {
  readonly resource: Resource;
  readonly created: boolean;
  readonly changed: boolean;
  readonly deleted: boolean;
  readonly warnings: readonly Diagnostic[];
}

/** What a commit did. */
export interface Committed {
  readonly results: readonly Result[];
  /** The number of the commit; 0 when nothing was stored. */
  readonly revision: number;
}

/** Where resources are. */
export interface PlaceOptions {
  /** The namespace: `default` unless told, for kinds that live in one. Null says none. */
  readonly namespace?: string | null | undefined;
}

export interface GetOptions extends PlaceOptions {
  /** Includes secret members in the answer. */
  readonly reveal?: boolean | undefined;
  /** Reads the resource as it was at this revision; `Expired` when that is not kept any more. */
  readonly revision?: number | undefined;
}

export interface SelectOptions extends PlaceOptions {
  /** Which labels the resources have: `team=web,tier in (gold,silver),!legacy`. */
  readonly labelSelector?: string | undefined;
  /** Which members the resources have, of those that the kind lets select by: `spec.state=RUNNING`. */
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends SelectOptions {
  /** Reads what there was at this revision. */
  readonly revision?: number | undefined;
}

export interface PageOptions {
  /** At most so many on a page; 1,000 are the most, and what is meant unless told. */
  readonly pageSize?: number | undefined;
  /** Where to go on: the `nextPageToken` of the page before. */
  readonly pageToken?: string | undefined;
}

export interface HistoryOptions extends PlaceOptions {
  /** Leaves out versions that changed the status only. */
  readonly authoredOnly?: boolean | undefined;
}

/** What can be demanded of a write, and how its document is judged. */
export interface WriteChoices {
  /** The language of a document that is text. */
  readonly format?: Format | undefined;
  /** The version that must be there; otherwise `PreconditionFailed`. */
  readonly expectedVersion?: number | undefined;
  /** With `expectedVersion`: the id that must be there. */
  readonly expectedId?: string | undefined;
  readonly fieldValidation?: FieldValidation | undefined;
}

export interface WriteOptions extends PlaceOptions, WriteChoices {
  /** Answers as the real call would and stores nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface UpsertOptions extends WriteOptions {
  /** Stores the document as it is given, without filling in defaults. */
  readonly withoutDefaults?: boolean | undefined;
}

/** One write of a commit. */
export type Operation =
  | ({ readonly verb: "create"; readonly kind: string; readonly document: DocumentLike } & WriteChoices)
  | ({
      readonly verb: "upsert";
      readonly kind: string;
      readonly key: string;
      readonly document: DocumentLike;
      readonly withoutDefaults?: boolean | undefined;
    } & WriteChoices)
  | ({
      readonly verb: "patch" | "jsonPatch";
      readonly kind: string;
      readonly key: string;
      readonly patch: DocumentLike | readonly object[];
    } & WriteChoices)
  | ({ readonly verb: "delete"; readonly kind: string; readonly key: string } & WriteChoices);

export interface WatchOptions extends Omit<SelectOptions, "namespace"> {
  /** Only the resource with this id or name. */
  readonly key?: string | undefined;
  /** Begins after this place: the cursor of an earlier event or watch. */
  readonly cursor?: string | undefined;
  /** Begins with what there is, as ADDED. Not together with a cursor. */
  readonly list?: boolean | undefined;
  /** Tells also how far all was told: at first, and after the list. */
  readonly bookmarks?: boolean | undefined;
}

/** What a watch tells. */
export type WatchEvent =
  | {
      /** What happened; what begins to be selected is ADDED, what ceases to be is DELETED. */
      readonly type: "ADDED" | "MODIFIED" | "DELETED";
      /** The place of the change in the history of the store. */
      readonly cursor: string;
      /** The commit. */
      readonly revision: number;
      /** The resource as it is after the change; of DELETED, as it was last. */
      readonly resource: Resource;
    }
  | { readonly type: "BOOKMARK"; readonly cursor: string; readonly revision: number; readonly resource?: undefined }
  /** The watch has ended: what would come next is not kept any more. */
  | { readonly type: "ERROR"; readonly cursor: string; readonly error: KindstoreError; readonly resource?: undefined };

/** A watch under way. */
export interface Watch {
  /** All up to here was told: another watch can go on after it. */
  readonly cursor: string;
  /** Whether it has ended. */
  readonly closed: boolean;
  /** Ends it. */
  close(): void;
}

export interface StoreOptions extends RegistryOption {
  /** Lets secret members be kept in clear. Without it writes of secrets are `NotConfigured`. */
  readonly plainSecrets?: boolean | undefined;
  /** Documents of the kinds that show global defaults, such as `GlobalDeploymentDefaults`. */
  readonly globalDefaults?: DocumentLike | undefined;
  /** Tells the time of each call, for runs that repeat themselves: a `Date`, milliseconds, or RFC 3339. */
  readonly now?: (() => Date | number | string) | undefined;
  /** Makes the ids of new resources: UUIDs, each used once, and rising. They are asked for ahead of the writes. */
  readonly ids?: (() => string) | undefined;
}

/**
 * A store in memory, with all that a server offers. The methods are those of `@kindstore/client`, and answer at once.
 * Failures are thrown as the classes of this package.
 */
export class Store {
  constructor(options?: StoreOptions);
  /**
   * A store with the content that `export` has given, history included.
   * @throws {BadRequest} The content is damaged, or of a newer version.
   */
  static import(content: Uint8Array, options?: StoreOptions): Store;
  /** The whole content, exactly: resources, versions, revisions and cursors. */
  export(): Uint8Array;

  /** The newest revision. */
  readonly revision: number;
  /** The door for whatever manages the resources: the only one by which status and system kinds are written. */
  readonly system: System;

  /** One resource by name or id; a kind that has one in each namespace needs no key. Throws `NotFound`. */
  get(kind: string, key?: string, options?: GetOptions): Resource;
  /** All resources of a kind in a namespace, in the order of their creation. */
  list(kind: string, options?: ListOptions): Resource[];
  /** A page of a list. All pages tell what there was at the revision of the first one. */
  listPage(kind: string, options?: ListOptions & PageOptions): Page;
  /** The versions of a resource, the newest first; of a deleted one too. */
  history(kind: string, key?: string, options?: HistoryOptions): History;
  /** A page of `history`. */
  historyPage(kind: string, key?: string, options?: HistoryOptions & PageOptions): History;
  /** One version of a resource, which may be deleted. Throws `NotFound`. */
  version(kind: string, key: string, version: number, options?: PlaceOptions): Version;
  /** What differs between two versions of a resource; the second one is the newest unless told. */
  compare(kind: string, key: string, fromVersion: number, toVersion?: number, options?: PlaceOptions): Comparison;

  /** Creates a resource. Throws `AlreadyExists` and `Invalid`. */
  create(kind: string, document: DocumentLike, options?: WriteOptions): Written;
  /** Creates a resource under a name, or replaces the user's part of the one that is there. */
  upsert(kind: string, key: string, document: DocumentLike, options?: UpsertOptions): Written;
  /** Changes parts of a resource by a merge patch (RFC 7386). Never creates. Throws `NotFound` and `Invalid`. */
  patch(kind: string, key: string, patch: DocumentLike, options?: WriteOptions): Written;
  /** Changes parts of a resource by a JSON Patch (RFC 6902): all its operations, or none. */
  jsonPatch(kind: string, key: string, patch: string | readonly object[], options?: WriteOptions): Written;
  /** Deletes a resource and answers it as it was last. Throws `NotFound` and `Blocked`. */
  delete(kind: string, key: string, options?: WriteOptions): Written;
  /** Makes the user's part of a resource what it was in an older version, as its next version. */
  rollback(kind: string, key: string, version: number, options?: WriteOptions): Written;
  /** Brings a deleted resource back as it was last, as its next version. */
  undelete(kind: string, key: string, options?: WriteOptions): Written;
  /** Does several writes in a namespace under one revision, or none of them: at most 1,000, each about another resource. */
  commit(namespace: string, operations: readonly Operation[], options?: { readonly dryRun?: boolean | undefined }): Committed;

  /** Calls back with each change of a kind in a namespace, soon after it was made, until the watch is closed. */
  watch(kind: string, namespace: string | null | undefined, onEvent: (event: WatchEvent) => void): Watch;
  watch(kind: string, namespace: string | null | undefined, options: WatchOptions, onEvent: (event: WatchEvent) => void): Watch;

  /** Forgets the past beyond the store's limits, but for so many of the newest commits. Nothing is forgotten by itself. */
  compact(revisions?: number): { readonly floor: number; readonly revision: number; readonly removed: number };
  /** Reads all that is stored, and says what is wrong with it. */
  check(): { readonly sound: boolean; readonly resources: number; readonly flaws: readonly Flaw[] };
  /** Gives the memory back; watches end. A `using` declaration does it, too. */
  free(): void;
  [Symbol.dispose](): void;
}

/** Writes that users cannot make. */
export interface System {
  /** Creates a resource of any kind, with its status. */
  create(kind: string, document: DocumentLike, options?: WriteOptions): Written;
  /** Changes any part of a resource, its status above all, by a merge patch. */
  patch(kind: string, key: string, patch: DocumentLike, options?: WriteOptions): Written;
  /** Deletes a resource of any kind, in whatever state it is. */
  delete(kind: string, key: string, options?: WriteOptions): Written;
}

/** Something that is wrong with what is stored. */
export interface Flaw {
  readonly kind?: string;
  readonly namespace?: string;
  readonly key?: string;
  readonly message: string;
}

// Failures

/** A problem as the clients of servers tell it. */
export interface Violation {
  readonly field: string;
  readonly message: string;
  readonly reason: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
}

/** A call failed. The subclass says what can be done about it; `reason` is the same as a word, which servers answer too. */
export class KindstoreError extends Error {
  readonly reason: string;
  /** What it is about, such as the kind and the name, for programs. */
  readonly context: Readonly<Record<string, string>>;
  /** Every problem of the document, when it is one that breaks the rules or cannot be read. */
  readonly problems: readonly Diagnostic[];
  /** The same in the form in which the clients of servers tell them. */
  readonly violations: readonly Violation[];
}

/** The document breaks the rules of its kind: mend everything that `problems` lists. */
export class Invalid extends KindstoreError {}
/** The text of the document or the request itself makes no sense: mend it. */
export class BadRequest extends KindstoreError {}
/** There is no such resource, version or namespace. */
export class NotFound extends KindstoreError {}
/** The kind does not have this verb; the message lists those that it has. */
export class MethodNotAllowed extends KindstoreError {}
/** The name is taken: choose another one, or upsert. */
export class AlreadyExists extends KindstoreError {}
/** The resource is in a state that forbids this; the message says which state it must be in. */
export class Blocked extends KindstoreError {}
/** The revision is no longer kept: begin anew from the newest one. */
export class Expired extends KindstoreError {}
/** The resource is not at the expected version: read it again, then repeat the change. */
export class PreconditionFailed extends KindstoreError {}
/** The store is not opened for this; the message says what to configure. */
export class NotConfigured extends KindstoreError {}
/** The module failed inside. */
export class Internal extends KindstoreError {}

/** Reads JSON text without loss: integers beyond 2^53 become bigints. */
export function parseJson(text: string): Json;
/** Writes a value as JSON text without loss. Throws a `TypeError` for what JSON cannot hold. */
export function writeJson(value: unknown): string;
