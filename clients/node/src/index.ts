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
  type JsonPatchLike,
  type ListOptions,
  type Operation,
  type SelectOptions,
  type PatchOptions,
  type ResourceOptions,
  type UpsertOptions,
  type Write,
} from "./client.js";
export * from "./errors.js";
export { type JsonObject, type JsonValue, parseJson, writeJson } from "./json.js";
export {
  type Committed,
  type Diagnostic,
  type Kind,
  type Metadata,
  Resource,
  type Result,
  type Validation,
  type Written,
} from "./resource.js";
export { NO_RETRY, type Retry } from "./retry.js";
