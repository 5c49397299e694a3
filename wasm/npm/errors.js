/** What can go wrong: one class for each thing that a caller can do about it. */

import { parseJson } from "./json.js";

/** A call failed. The subclass says what can be done about it; `reason` is the same as a word, which servers answer too. */
export class KindstoreError extends Error {
  static reason = "Internal";

  constructor(message, { reason, context = {}, problems = [], cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason ?? new.target.reason;
    this.name = this.reason;
    this.context = context;
    this.problems = problems;
  }

  /** The problems in the form in which the clients of servers tell them. */
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

/** The document breaks the rules of its kind: mend everything that `problems` lists. */
export class Invalid extends KindstoreError {
  static reason = "Invalid";
}

/** The text of the document or the request itself makes no sense: mend it. */
export class BadRequest extends KindstoreError {
  static reason = "BadRequest";
}

/** There is no such resource or namespace. */
export class NotFound extends KindstoreError {
  static reason = "NotFound";
}

/** The kind does not have this verb; the message lists those that it has. */
export class MethodNotAllowed extends KindstoreError {
  static reason = "MethodNotAllowed";
}

/** The name is taken: choose another one, or upsert. */
export class AlreadyExists extends KindstoreError {
  static reason = "AlreadyExists";
}

/** The resource is in a state that forbids this; the message says which state it must be in. */
export class Blocked extends KindstoreError {
  static reason = "Blocked";
}

/** The revision is no longer kept: begin anew from the newest one. */
export class Expired extends KindstoreError {
  static reason = "Expired";
}

/** The resource is not at the expected version: read it again, then repeat the change. */
export class PreconditionFailed extends KindstoreError {
  static reason = "PreconditionFailed";
}

/** The store is not opened for this; the message says what to configure. */
export class NotConfigured extends KindstoreError {
  static reason = "NotImplemented";
}

/** The module failed inside. */
export class Internal extends KindstoreError {}

const CLASSES = new Map(
  [
    Invalid, BadRequest, NotFound, MethodNotAllowed, AlreadyExists, Blocked, Expired, PreconditionFailed, NotConfigured,
  ].map((one) => [one.reason, one]),
);

/** What the module has thrown, as an error of this file; anything else as it is. */
export function toError(thrown) {
  if (typeof thrown === "string") return errorOf(parseJson(thrown));
  if (!(thrown instanceof WebAssembly.RuntimeError)) return thrown;
  const message = "the module failed inside and is not to be used any more; load it anew, and tell us what led to it";
  return new Internal(message, { cause: thrown });
}

/** The error of what is told about it. */
export function errorOf({ reason, message, context, problems }) {
  return new (CLASSES.get(reason) ?? Internal)(message, { reason, context, problems });
}
