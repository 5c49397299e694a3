/** The values that the store returns: resources, outcomes, diagnostics, versions and kinds. */

import { type Timestamp } from "@bufbuild/protobuf/wkt";
import type * as types from "@kindstore/types";
import type { Comparison, JsonObject, Kind } from "@kindstore/types";

import type * as values from "./generated/kindstore/v1/resource_pb.js";
import type * as api from "./generated/kindstore/v1/resource_service_pb.js";
import { KeyScheme, Verb } from "./generated/kindstore/v1/resource_pb.js";
import { parseJson, writeJson } from "./json.js";

/** The metadata of a resource. Members that the kind does not have are undefined. */
export interface Metadata extends types.Metadata {
  /** Members that only this kind has, such as `displayName`. */
  readonly extra: Readonly<JsonObject>;
}

/** Parses the text of a spec or a status. */
export type Parse = (text: string) => JsonObject;

/** A resource. */
export class Resource implements types.Resource<Metadata> {
  /** The kind, such as `Deployment`. */
  readonly kind: string;
  /** The version of the kind's schema, such as `v1`. */
  readonly apiVersion: string;
  /** The id, names, times, labels and version. */
  readonly metadata: Metadata;
  /** The spec as received, the text of a JSON object; undefined if absent. */
  readonly specText: string | undefined;
  /** The status as received, the text of a JSON object; undefined if absent. */
  readonly statusText: string | undefined;
  readonly #parse: Parse;
  #spec: JsonObject | undefined;
  #status: JsonObject | undefined;

  /** For internal use. */
  constructor(message: values.Resource, parse: Parse = parseJson) {
    this.kind = message.kind;
    this.apiVersion = message.apiVersion;
    this.metadata = readMetadata(message.metadata, parse);
    this.specText = readText(message.spec);
    this.statusText = readText(message.status);
    this.#parse = parse;
  }

  /** The state that the user wants; undefined if absent. Integers beyond 2^53 are bigints. */
  get spec(): JsonObject | undefined {
    if (this.specText === undefined) return undefined;
    return (this.#spec ??= this.#parse(this.specText));
  }

  /** The state that the system found; undefined if absent. Integers beyond 2^53 are bigints. */
  get status(): JsonObject | undefined {
    if (this.statusText === undefined) return undefined;
    return (this.#status ??= this.#parse(this.statusText));
  }

  /**
   * Returns the resource as the JSON document of REST.
   *
   * It can be passed to `upsert`: the server ignores its own members.
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

  /** Returns `toDocument` as JSON text with exact integers. */
  toText(): string {
    return writeJson(this.toDocument());
  }

  /** For `JSON.stringify`, which rejects bigints; `toText` does not. */
  toJSON(): JsonObject {
    return this.toDocument();
  }
}

/** A problem or a warning of a document, at one place. */
export interface Diagnostic {
  /** The place, as a JSON pointer. */
  readonly pointer: string;
  /** The place in readable form: `spec.items[0]['a.b']`. */
  readonly attribute: string;
  /** A stable code for programs, such as `isUnknown`. */
  readonly reason: string;
  /** The message for people. */
  readonly message: string;
}

/** The report of a write. */
export type WriteOutcome = types.WriteOutcome<Resource, Diagnostic>;

/** The report of one operation of a transaction. */
export type OperationOutcome = types.OperationOutcome<Resource, Diagnostic>;

/** The report of a transaction. */
export type CommitOutcome = types.CommitOutcome<Resource, Diagnostic>;

/** A page of a list. */
export type Page = types.Page<Resource>;

/** A retained version of a resource. */
export type Version = types.Version<Resource>;

/** The versions of a resource, the newest first. */
export type History = types.History<Resource>;

/** The result that a write would have. */
export interface Validation {
  /** Whether the write would succeed. */
  readonly valid: boolean;
  /** The problems of the document. */
  readonly problems: readonly Diagnostic[];
  /** The warnings about the document. */
  readonly warnings: readonly Diagnostic[];
  /** The resource that the write would store. */
  readonly resource: Resource | undefined;
}

/** Returns the version of a message. */
export function readVersion(message: api.Version | undefined, parse: Parse): Version {
  if (message?.resource === undefined) throw new TypeError("the response has a version without a resource");
  return {
    version: readCount(message.version),
    revision: readCount(message.revision),
    endedRevision: message.endedRevision === 0n ? undefined : readCount(message.endedRevision),
    authored: message.authored,
    resource: new Resource(message.resource, parse),
  };
}

/** Returns the comparison of a message. */
export function readComparison(message: api.DiffResponse, parse: Parse): Comparison {
  // The parser accepts objects only, and the value of a difference has any type.
  const value = (text: string | undefined) => (text === undefined ? undefined : parse(`{"value":${text}}`)["value"]);
  return {
    fromVersion: readCount(message.fromVersion),
    toVersion: readCount(message.toVersion),
    differences: message.differences.map(({ path, oldValue, newValue }) => {
      return { path, old: value(readText(oldValue)), new: value(readText(newValue)) };
    }),
  };
}

/** Returns the diagnostics of messages. */
export function readDiagnostics(messages: readonly values.Diagnostic[]): Diagnostic[] {
  return messages.map(({ pointer, attribute, reason, message }) => ({ pointer, attribute, reason, message }));
}

/** Returns the kind of a message. Unknown enumeration values are returned as their numbers. */
export function readKind(message: values.Kind): Kind {
  const { $typeName: _, $unknown: __, ...members } = message;
  return {
    ...members,
    keyScheme: (KeyScheme[message.keyScheme] ?? String(message.keyScheme)).toLowerCase() as types.KeyScheme,
    verbs: message.verbs.map((verb) => (Verb[verb] ?? String(verb)).toLowerCase() as types.Verb),
  };
}

/** Returns a counter of the store as a number. It counts from 1 by one, so it never reaches 2^53. */
export function readCount(count: bigint): number {
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`a counter of the store must be below 2^53, is ${count}`);
  return Number(count);
}

function readMetadata(message: values.Metadata | undefined, parse: Parse): Metadata {
  if (message === undefined) throw new TypeError("the response has a resource without metadata");
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
  // Maps of protobuf have no order; REST returns them sorted.
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
