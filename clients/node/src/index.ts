/** The exports of both entry points. */

export {
  type CallOptions,
  Client,
  type ClientOptions,
  type CommitOptions,
  type CreateOptions,
  type DeleteOptions,
  type GetOptions,
  type HistoryOptions,
  type HistoryPageOptions,
  type ListOptions,
  type ListPageOptions,
  type Operation,
  type SelectOptions,
  type PatchOptions,
  type ResourceOptions,
  type RollbackOptions,
  type UndeleteOptions,
  type UpsertOptions,
  type Write,
} from "./client.js";
export * from "./errors.js";
export { parseJson, writeJson } from "./json.js";
export {
  type CommitOutcome,
  type Diagnostic,
  type History,
  type Metadata,
  type OperationOutcome,
  type Page,
  Resource,
  type Validation,
  type Version,
  type WriteOutcome,
} from "./resource.js";
export { NO_RETRY, type Retry } from "./retry.js";
export { type Change, Watch, type WatchEvent, type WatchOptions } from "./watch.js";
export type {
  Bookmark,
  Comparison,
  Difference,
  DocumentLike,
  Failure,
  FieldValidation,
  Format,
  JsonObject,
  JsonPatchLike,
  JsonValue,
  KeyScheme,
  Kind,
  Verb,
  Violation,
} from "@kindstore/types";
