/** The errors: one class for each way in which a caller can react. */

import { parseJson } from "./json.js";

/** The base class of all failures. The subclass tells how to react; `reason` is the same as a stable code, which servers return too. */
export class KindstoreError extends Error {
  static reason = "Internal";

  constructor(message, { reason, context = {}, problems = [], cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason ?? new.target.reason;
    this.name = this.reason;
    this.context = context;
    this.problems = problems;
  }

  /** The problems in the form of `@kindstore/client`. */
  get violations() {
    return this.problems.map(({ attribute, message, hint, code, span }) => ({
      field: attribute,
      message: hint === undefined ? message : `${message}; ${hint}`,
      reason: code,
      ...(span === undefined ? {} : { line: span.start.line, column: span.start.column }),
      ...(hint === undefined ? {} : { hint }),
    }));
  }
}

/** The document breaks the rules of its kind: fix every problem in `problems`. */
export class Invalid extends KindstoreError {
  static reason = "Invalid";
}

/** The text of the document or the request is malformed: fix it. */
export class BadRequest extends KindstoreError {
  static reason = "BadRequest";
}

/** The resource, the version or the namespace does not exist. */
export class NotFound extends KindstoreError {
  static reason = "NotFound";
}

/** The kind does not have this verb; the message lists its verbs. */
export class MethodNotAllowed extends KindstoreError {
  static reason = "MethodNotAllowed";
}

/** The name is taken: choose another one, or upsert. */
export class AlreadyExists extends KindstoreError {
  static reason = "AlreadyExists";
}

/** The resource is in the wrong state; the message names the required state. */
export class Blocked extends KindstoreError {
  static reason = "Blocked";
}

/** The revision is compacted: start again from the newest one. */
export class Expired extends KindstoreError {
  static reason = "Expired";
}

/** The resource is not at the expected version: read it again, then repeat the change. */
export class PreconditionFailed extends KindstoreError {
  static reason = "PreconditionFailed";
}

/** The store lacks an option; the message names it. */
export class NotConfigured extends KindstoreError {
  static reason = "NotImplemented";
}

/** The module failed. */
export class Internal extends KindstoreError {}

const CLASSES = new Map(
  [
    Invalid, BadRequest, NotFound, MethodNotAllowed, AlreadyExists, Blocked, Expired, PreconditionFailed, NotConfigured,
  ].map((one) => [one.reason, one]),
);

/** Converts an error of the module to a class of this file; returns any other error unchanged. */
export function toError(thrown) {
  if (typeof thrown === "string") return errorOf(parseJson(thrown));
  if (!(thrown instanceof WebAssembly.RuntimeError)) return thrown;
  const message = "the module failed and cannot be used any more; load it again, and report the failure";
  return new Internal(message, { cause: thrown });
}

/** Returns the error with these members. */
export function errorOf({ reason, message, context, problems }) {
  return new (CLASSES.get(reason) ?? Internal)(message, { reason, context, problems });
}
