/** The values that come in: resources, what was written, what was remarked, and kinds. */

import { type Timestamp } from "@bufbuild/protobuf/wkt";

import type * as values from "./generated/kindstore/v1/resource_pb.js";
import type * as api from "./generated/kindstore/v1/resource_service_pb.js";
import { KeyScheme, Verb } from "./generated/kindstore/v1/resource_pb.js";
import { type JsonObject, type JsonValue, parseJson, writeJson } from "./json.js";

/** What every resource says about itself. What a kind does not have is undefined. */
export interface Metadata {
  /** The id, given by the store and never changed. */
  readonly id: string;
  /** The name, for kinds that have one; never changed. */
  readonly name: string | undefined;
  /** The namespace, for kinds that live in one. */
  readonly namespace: string | undefined;
  /** When the resource was created, as RFC 3339 with microseconds, which a `Date` could not hold. */
  readonly createdAt: string;
  /** When it was last changed, in the same form. */
  readonly modifiedAt: string | undefined;
  /** Labels, by which users select. Undefined is another answer than none of them. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Annotations, which only people and tools read. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** 1 on create, one more with each stored change. Give it as `expectedVersion` to change just this version. */
  readonly resourceVersion: number;
  /** What only this kind has, such as `displayName`. */
  readonly extra: Readonly<JsonObject>;
}

/** Turns the text of a spec or a status into a value. */
export type Parse = (text: string) => JsonObject;

/** One resource. */
export class Resource {
  /** The kind, such as `Deployment`. */
  readonly kind: string;
  /** The version of the kind's structure, such as `v1`. */
  readonly apiVersion: string;
  /** What every resource says about itself. */
  readonly metadata: Metadata;
  /** The spec as the text of a JSON object, just as it came; undefined when the resource has none. */
  readonly specText: string | undefined;
  /** The status as the text of a JSON object, just as it came; undefined when the resource has none. */
  readonly statusText: string | undefined;
  readonly #parse: Parse;
  #spec: JsonObject | undefined;
  #status: JsonObject | undefined;

  /** For the client; resources are not made by hand. */
  constructor(message: values.Resource, parse: Parse = parseJson) {
    this.kind = message.kind;
    this.apiVersion = message.apiVersion;
    this.metadata = readMetadata(message.metadata, parse);
    this.specText = readText(message.spec);
    this.statusText = readText(message.status);
    this.#parse = parse;
  }

  /** What the user wants; undefined when the resource has none. Integers beyond 2^53 are bigints. */
  get spec(): JsonObject | undefined {
    if (this.specText === undefined) return undefined;
    return (this.#spec ??= this.#parse(this.specText));
  }

  /** What the system found; undefined when the resource has none. Integers beyond 2^53 are bigints. */
  get status(): JsonObject | undefined {
    if (this.statusText === undefined) return undefined;
    return (this.#status ??= this.#parse(this.statusText));
  }

  /**
   * The whole resource as the document that REST answers in JSON.
   *
   * It can be given to `upsert` again: the server ignores the members that belong to it.
   */
  toDocument(): JsonObject {
    const { extra, ...members } = this.metadata;
    return {
      kind: this.kind,
      apiVersion: this.apiVersion,
      metadata: { ...(withoutUndefined(members) as JsonObject), ...extra },
      ...withoutUndefined({ spec: this.spec, status: this.status }),
    };
  }

  /** `toDocument` as JSON text, in which no integer loses a digit. */
  toText(): string {
    return writeJson(this.toDocument());
  }

  /** What `JSON.stringify` writes. It refuses bigints; `toText` does not. */
  toJSON(): JsonObject {
    return this.toDocument();
  }
}

/** A problem or a remark about a document, at one place of it. */
export interface Diagnostic {
  /** Where, as a JSON pointer. */
  readonly pointer: string;
  /** Where, as people write it: `spec.items[0]['a.b']`. */
  readonly attribute: string;
  /** Why, as a stable word for programs, such as `isUnknown`. */
  readonly reason: string;
  /** Why, for people. */
  readonly message: string;
}

/** What a write did. */
export interface Written {
  /** The resource as it is stored; after `delete`, as it was last. */
  readonly resource: Resource;
  /** Whether there was none before. */
  readonly created: boolean;
  /** What was remarked about the document without refusing it. */
  readonly warnings: readonly Diagnostic[];
  /** The number of the commit; 0 when nothing was stored, as for a dry run or a change that changes nothing. */
  readonly revision: number;
}

/** A page of a list. */
export interface Page {
  /** The resources, in the order of their creation. */
  readonly resources: readonly Resource[];
  /** Where to go on; empty at the end. */
  readonly nextPageToken: string;
  /** The revision of the store that the list tells of, the same on all pages. */
  readonly revision: number;
}

/** A version of a resource that is kept. */
export interface Version {
  /** Its number: the `resourceVersion` that the resource had. */
  readonly version: number;
  /** The commit that stored it; 0 for what exists from the start and was never written. */
  readonly revision: number;
  /** The commit that stored the next version or deleted the resource; undefined for the version that is there. */
  readonly endedRevision: number | undefined;
  /** Whether it changed more than the status. */
  readonly authored: boolean;
  /** The resource as it was, or is. */
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

/** A place at which two versions differ. */
export interface Difference {
  /** The place, as a JSON pointer into both. */
  readonly path: string;
  /** What the first one has there; undefined when it has nothing. */
  readonly old: JsonValue | undefined;
  /** What the second one has there; undefined when it has nothing. */
  readonly new: JsonValue | undefined;
}

/** What differs between two versions. Times and the version itself do not count. */
export interface Comparison {
  /** The number of the first version. */
  readonly fromVersion: number;
  /** The number of the second one. */
  readonly toVersion: number;
  readonly differences: readonly Difference[];
}

/** What one operation of a transaction did. */
export interface Result {
  /** The resource as it is stored; after a delete, as it was last. */
  readonly resource: Resource;
  /** Whether there was none before. */
  readonly created: boolean;
  /** Whether anything differs from before. */
  readonly changed: boolean;
  /** Whether it was deleted. */
  readonly deleted: boolean;
  /** What was remarked about the document without refusing it. */
  readonly warnings: readonly Diagnostic[];
}

/** What a transaction did. */
export interface Committed {
  /** What each operation did, in the order of the operations. */
  readonly results: readonly Result[];
  /** The number of the commit, which all have together; 0 when nothing was stored. */
  readonly revision: number;
}

/** What a write would do. */
export interface Validation {
  /** Whether it would be done. */
  readonly valid: boolean;
  /** Every problem of the document. */
  readonly problems: readonly Diagnostic[];
  /** What was remarked about the document without refusing it. */
  readonly warnings: readonly Diagnostic[];
  /** The resource that it would make. */
  readonly resource: Resource | undefined;
}

/** A kind of resources and what can be done with them. */
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
  /** How one is addressed: `name` (by name or id), `id`, or `singleton` (one in each namespace). */
  readonly keyScheme: string;
  /** What users may do: `list`, `get`, `create`, `upsert`, `patch`, `delete`. */
  readonly verbs: readonly string[];
}

/** The version of a message. */
export function readVersion(message: api.Version | undefined, parse: Parse): Version {
  if (message?.resource === undefined) throw new TypeError("the server answered a version without a resource");
  return {
    version: readCount(message.version),
    revision: readCount(message.revision),
    endedRevision: message.endedRevision === 0n ? undefined : readCount(message.endedRevision),
    authored: message.authored,
    resource: new Resource(message.resource, parse),
  };
}

/** The comparison of a message. */
export function readComparison(message: api.DiffResponse, parse: Parse): Comparison {
  // The reader takes objects, and a difference can be anything.
  const value = (text: string | undefined) => (text === undefined ? undefined : parse(`{"value":${text}}`)["value"]);
  return {
    fromVersion: readCount(message.fromVersion),
    toVersion: readCount(message.toVersion),
    differences: message.differences.map(({ path, oldValue, newValue }) => {
      return { path, old: value(readText(oldValue)), new: value(readText(newValue)) };
    }),
  };
}

/** The diagnostics of messages. */
export function readDiagnostics(messages: readonly values.Diagnostic[]): Diagnostic[] {
  return messages.map(({ pointer, attribute, reason, message }) => ({ pointer, attribute, reason, message }));
}

/** The kind of a message. Words that are newer than this package are shown as their numbers. */
export function readKind(message: values.Kind): Kind {
  const { $typeName: _, $unknown: __, ...members } = message;
  return {
    ...members,
    keyScheme: (KeyScheme[message.keyScheme] ?? String(message.keyScheme)).toLowerCase(),
    verbs: message.verbs.map((verb) => (Verb[verb] ?? String(verb)).toLowerCase()),
  };
}

/** A counter of the store as a number. It counts from 1 by one, so that 2^53 is never reached. */
export function readCount(count: bigint): number {
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${count} is no counter of a store`);
  return Number(count);
}

function readMetadata(message: values.Metadata | undefined, parse: Parse): Metadata {
  if (message === undefined) throw new TypeError("the server answered a resource without metadata");
  const extra = readText(message.extra);
  return {
    id: message.id,
    name: message.name || undefined,
    namespace: message.namespace || undefined,
    createdAt: readTime(message.createdAt) ?? "",
    modifiedAt: readTime(message.modifiedAt),
    labels: readStrings(message.labels),
    annotations: readStrings(message.annotations),
    resourceVersion: readCount(message.resourceVersion),
    extra: extra === undefined ? {} : parse(extra),
  };
}

function readTime(time: Timestamp | undefined): string | undefined {
  if (time === undefined) return undefined;
  const seconds = new Date(Number(time.seconds) * 1000).toISOString().slice(0, 19);
  const micros = Math.floor(time.nanos / 1000);
  return `${seconds}.${String(micros).padStart(6, "0")}Z`;
}

function readStrings(map: values.StringMap | undefined): Record<string, string> | undefined {
  if (map === undefined) return undefined;
  // A map in a message has no order; REST answers it sorted.
  const entries = Object.entries(map.entries).sort(([one], [two]) => (one < two ? -1 : 1));
  return Object.fromEntries(entries);
}

function readText(bytes: Uint8Array): string | undefined {
  return bytes.length === 0 ? undefined : new TextDecoder().decode(bytes);
}

function withoutUndefined<Value>(members: Record<string, Value | undefined>): Record<string, Value> {
  const set = Object.entries(members).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return Object.fromEntries(set);
}

export type { JsonObject, JsonValue };
