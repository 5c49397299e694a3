/** The exports of the package, for browsers and Node. */

export * from "./documents.js";
export {
  AlreadyExists, BadRequest, Blocked, Expired, Internal, Invalid, KindstoreError, MethodNotAllowed, NotConfigured, NotFound,
  PreconditionFailed,
} from "./errors.js";
export { format, initFormat } from "./format.js";
export { parseJson, writeJson } from "./json.js";
export { init as default, init, initSync } from "./module.js";
export { kinds, Registry, schema } from "./registry.js";
export { Store } from "./store.js";
