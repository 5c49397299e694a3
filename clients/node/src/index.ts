/** What both entry points have. */

export {
  type CallOptions,
  Client,
  type ClientOptions,
  type CommitOptions,
  type CreateOptions,
  type DeleteOptions,
  type DocumentLike,
  type GetOptions,
  type HistoryOptions,
  type HistoryPageOptions,
  type JsonPatchLike,
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
export { type JsonObject, type JsonValue, parseJson, writeJson } from "./json.js";
export {
  type Committed,
  type Comparison,
  type Diagnostic,
  type Difference,
  type History,
  type Kind,
  type Metadata,
  type Page,
  Resource,
  type Result,
  type Validation,
  type Version,
  type Written,
} from "./resource.js";
export { NO_RETRY, type Retry } from "./retry.js";
export { type Bookmark, type Change, Watch, type WatchEvent, type WatchOptions } from "./watch.js";
