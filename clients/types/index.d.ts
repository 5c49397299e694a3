/** The types that `@kindstore/client` and `@kindstore/wasm` share. Both packages re-export them. */

// JSON and documents

/** A JSON value. Integers beyond 2^53 are bigints, all other numbers are numbers. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/** The format of a text. By default it is detected: JSON if the text starts with a brace, else YAML. */
export type Format = "json" | "yaml";

/** A document: an object, or text in JSON or YAML, also as bytes in UTF-8. */
export type DocumentLike = object | string | Uint8Array;

/** A JSON Patch: its operations, or text in JSON or YAML. */
export type JsonPatchLike = readonly object[] | string | Uint8Array;

/** The treatment of unknown members: each is a warning (default), an error, or ignored. */
export type FieldValidation = "warn" | "strict" | "ignore";

// Resources and kinds

/** The metadata of a resource. Members that the kind does not have are absent or undefined. */
export interface Metadata {
  /** The id, which the store assigns; it never changes. */
  readonly id: string;
  /** The name, for kinds with names; it never changes. */
  readonly name?: string | undefined;
  /** The namespace, for kinds with namespaces. */
  readonly namespace?: string | undefined;
  /** The time of creation, in RFC 3339 with microseconds, which a `Date` cannot hold. */
  readonly createdAt: string;
  /** The time of the last change, in the same format. */
  readonly modifiedAt?: string | undefined;
  /** Labels for selectors. Undefined differs from an empty object. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Annotations for people and tools. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** The number of stored changes, starting at 1. Pass it as `expectedVersion` to change only this version. */
  readonly resourceVersion: number;
}

/** A resource. */
export interface Resource<M extends Metadata = Metadata> {
  /** The kind, such as `Deployment`. */
  readonly kind: string;
  /** The version of the kind's schema, such as `v1`. */
  readonly apiVersion: string;
  /** The id, names, times, labels and version. */
  readonly metadata: M;
  /** The state that the user wants. */
  readonly spec?: JsonObject | undefined;
  /** The state that the system found. */
  readonly status?: JsonObject | undefined;
}

/** The way to address a resource: by name or id, by id, or as the only one in its namespace. */
export type KeyScheme = "name" | "id" | "singleton";

/** A verb of users. */
export type Verb = "list" | "get" | "create" | "upsert" | "patch" | "delete";

/** A kind of resources and its verbs. */
export interface Kind {
  /** The name in documents, such as `Deployment`. */
  readonly kind: string;
  /** The version of the schema, such as `v1`. */
  readonly apiVersion: string;
  /** One sentence for people. */
  readonly description: string;
  /** The path prefix in REST, such as `/api/v1`. */
  readonly group: string;
  /** The name of the collection in REST paths, such as `deployments`. */
  readonly plural: string;
  /** The name of one resource, in lower case. */
  readonly singular: string;
  /** Short names. */
  readonly shortNames: readonly string[];
  /** Whether its resources have namespaces. */
  readonly namespaced: boolean;
  /** Whether only the system creates and changes its resources. */
  readonly systemManaged: boolean;
  /** The way to address a resource. */
  readonly keyScheme: KeyScheme;
  /** The verbs of users. */
  readonly verbs: readonly Verb[];
}

// Reports of writes

/** The report of a write. */
export interface WriteOutcome<R, D = unknown> {
  /** The stored resource; after `delete` its last state. */
  readonly resource: R;
  /** Whether the resource is new. */
  readonly created: boolean;
  /** The warnings about the document. */
  readonly warnings: readonly D[];
  /** The revision of the commit; 0 if nothing was stored, as in a dry run or a write without changes. */
  readonly revision: number;
}

/** The report of one operation of a transaction. */
export interface OperationOutcome<R, D = unknown> {
  /** The stored resource; after a delete its last state. */
  readonly resource: R;
  /** Whether the resource is new. */
  readonly created: boolean;
  /** Whether the operation changed the resource. */
  readonly changed: boolean;
  /** Whether the operation deleted the resource. */
  readonly deleted: boolean;
  /** The warnings about the document. */
  readonly warnings: readonly D[];
}

/** The report of a transaction. */
export interface CommitOutcome<R, D = unknown> {
  /** The outcomes, in the order of the operations. */
  readonly results: readonly OperationOutcome<R, D>[];
  /** The revision of all operations; 0 if nothing was stored. */
  readonly revision: number;
}

// Lists and versions

/** A page of a list. */
export interface Page<R> {
  /** The resources, in the order of their creation. */
  readonly resources: readonly R[];
  /** The token of the next page; empty on the last page. */
  readonly nextPageToken: string;
  /** The revision of the store that all pages show. */
  readonly revision: number;
}

/** A retained version of a resource. */
export interface Version<R> {
  /** Its number, the `resourceVersion` of the resource. */
  readonly version: number;
  /** The revision that stored it; 0 for resources that always exist and were never written. */
  readonly revision: number;
  /** The revision that superseded the version or deleted the resource; undefined for the current version. */
  readonly endedRevision?: number | undefined;
  /** Whether the version changed more than the status. */
  readonly authored: boolean;
  /** The resource in this version. */
  readonly resource: R;
}

/** The versions of a resource, the newest first. */
export interface History<R> {
  readonly versions: readonly Version<R>[];
  /** Whether the resource is deleted. */
  readonly deleted: boolean;
  /** The token of the next page; empty on the last page. */
  readonly nextPageToken: string;
}

/** A difference between two documents. */
export interface Difference {
  /** The place in both, as a JSON pointer. */
  readonly path: string;
  /** The value in the first; undefined if there is none. */
  readonly old?: JsonValue | undefined;
  /** The value in the second; undefined if there is none. */
  readonly new?: JsonValue | undefined;
}

/** The differences between two versions, except times and the version itself. */
export interface Comparison {
  /** The number of the first version. */
  readonly fromVersion: number;
  /** The number of the second version. */
  readonly toVersion: number;
  readonly differences: readonly Difference[];
}

// Watches

/** A change of a resource. */
export interface Change<R> {
  /** The type, as one watch sees it. A resource that starts to match a selector is ADDED, one that stops matching is DELETED. */
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /**
   * The position of the change in the change log. A watch can resume after it, except after an event of an initial list, which
   * does not cover the rest of the list; `cursor` of the watch is always safe.
   */
  readonly cursor: string;
  /** The revision of the commit. */
  readonly revision: number;
  /** The resource after the change; for DELETED its last state. */
  readonly resource: R;
}

/** An event that carries only a cursor: all changes up to it have been reported. */
export interface Bookmark {
  readonly type: "BOOKMARK";
  /** The position up to which all changes have been reported. */
  readonly cursor: string;
  /** The revision of the store. */
  readonly revision: number;
  readonly resource?: undefined;
}

/** The selection and the start of a watch. */
export interface WatchSelection {
  /** Watches only the resource with this id or name. */
  readonly key?: string | undefined;
  /** A label selector, as for `list`. */
  readonly labelSelector?: string | undefined;
  /** A field selector, as for `list`. */
  readonly fieldSelector?: string | undefined;
  /** Resumes after this cursor of an earlier event or watch. */
  readonly cursor?: string | undefined;
  /** Reports the existing resources first, as ADDED. Excludes `cursor`. */
  readonly list?: boolean | undefined;
  /** Also reports bookmarks: at the start, after the list, and after a while without changes. */
  readonly bookmarks?: boolean | undefined;
}

// Options of calls

/** The namespace of a call. */
export interface NamespaceOption {
  /** The namespace, by default `default`; null for kinds without namespaces, such as Namespace. */
  readonly namespace?: string | null | undefined;
}

/** A revision to read at. */
export interface RevisionOption {
  /** Reads the store at this revision. `Expired` if it is compacted. */
  readonly revision?: number | undefined;
}

/** Secret members. */
export interface RevealOption {
  /** Includes secret members. */
  readonly reveal?: boolean | undefined;
}

/** The selectors of a list. */
export interface SelectorOptions {
  /** A label selector in the grammar of Kubernetes: `team=web,tier in (gold,silver),!legacy`. */
  readonly labelSelector?: string | undefined;
  /** A field selector with selectable members of the kind: `spec.state=RUNNING`. */
  readonly fieldSelector?: string | undefined;
}

/** A page. */
export interface PageOptions {
  /** The maximum number of items on the page, at most 1,000; 0 or undefined for the default. */
  readonly pageSize?: number | undefined;
  /** The `nextPageToken` of the previous page. */
  readonly pageToken?: string | undefined;
}

/** The versions of a history. */
export interface AuthoredOption {
  /** Omits versions that changed only the status. */
  readonly authoredOnly?: boolean | undefined;
}

/** The document of a write. */
export interface DocumentOptions {
  /** The format of a document that is text. */
  readonly format?: Format | undefined;
  /** The treatment of unknown members. */
  readonly fieldValidation?: FieldValidation | undefined;
}

/** The precondition of a write. */
export interface PreconditionOptions {
  /** The version that the resource must have; otherwise `PreconditionFailed`. */
  readonly expectedVersion?: number | undefined;
  /** With `expectedVersion`: the id that the resource must have, which excludes one that was deleted and created again. */
  readonly expectedId?: string | undefined;
}

/** A dry run. */
export interface DryRunOption {
  /** Returns the result of the real call and stores nothing. */
  readonly dryRun?: boolean | undefined;
}

/** The defaults of a document. */
export interface DefaultsOption {
  /** Stores the document without filling in defaults. */
  readonly withoutDefaults?: boolean | undefined;
}

// Errors

/** A problem of a document at one place. */
export interface Violation {
  /** The path of the member, such as `spec.items[0]`. */
  readonly field: string;
  /** The problem and the fix. */
  readonly message: string;
  /** A stable code for programs, such as `isUnknown`. */
  readonly reason: string;
  /** The line in the text that was sent, from 1, if it is known. */
  readonly line?: number;
  /** The character in the line, from 1. */
  readonly column?: number;
  /** The fix alone, if it is not obvious from the message. */
  readonly hint?: string;
}

/** The members that the errors of both packages have. */
export interface Failure {
  /** A stable code, which REST returns too. */
  readonly reason: string;
  /** The message for people. */
  readonly message: string;
  /** The subject for programs, such as the kind and the name. */
  readonly context: Readonly<Record<string, string>>;
  /** The problems of the document, for `Invalid`. */
  readonly violations: readonly Violation[];
}
