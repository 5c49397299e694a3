/** The errors: one class for each way in which a caller can react. */

import type { Failure, Violation } from "@kindstore/types";

/** The members of an error besides its message. */
export interface ErrorOptions {
  readonly reason?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly code?: string;
  readonly cause?: unknown;
}

/**
 * The base class of all failures of calls.
 *
 * The subclass tells how to react; `reason` is the same as a stable code, which REST returns too.
 */
export class KindstoreError extends Error implements Failure {
  /** The reason of the class. */
  static readonly reason: string = "Internal";

  /** A stable code. */
  readonly reason: string;
  /** The subject for programs, such as the kind and the name. */
  readonly context: Readonly<Record<string, string>>;
  /** The problems of the document, for `Invalid`. */
  readonly violations: readonly Violation[];
  /** The name of the gRPC code, such as `NOT_FOUND`. */
  readonly code: string;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = options.reason ?? new.target.reason;
    this.name = this.reason;
    this.context = options.context ?? {};
    this.violations = options.violations ?? [];
    this.code = options.code ?? "";
  }
}

/** The document breaks the rules of its kind: fix every problem in `violations`. */
export class Invalid extends KindstoreError {
  static override readonly reason = "Invalid";
}

/** The text of the document or the request is malformed: fix it. */
export class BadRequest extends KindstoreError {
  static override readonly reason = "BadRequest";
}

/** The server requires authentication. */
export class Unauthorized extends KindstoreError {
  static override readonly reason = "Unauthorized";
}

/** The caller may not do this. */
export class Forbidden extends KindstoreError {
  static override readonly reason = "Forbidden";
}

/** The resource or the namespace does not exist. */
export class NotFound extends KindstoreError {
  static override readonly reason = "NotFound";
}

/** The kind does not have this verb; the message lists its verbs. */
export class MethodNotAllowed extends KindstoreError {
  static override readonly reason = "MethodNotAllowed";
}

/** The name is taken: choose another one, or upsert. */
export class AlreadyExists extends KindstoreError {
  static override readonly reason = "AlreadyExists";
}

/** A concurrent write changed the same resource, and nothing was stored: try again. */
export class Conflict extends KindstoreError {
  static override readonly reason = "Conflict";
}

/** The resource is in the wrong state; the message names the required state. */
export class Blocked extends KindstoreError {
  static override readonly reason = "Blocked";
}

/** The revision is compacted: start again from the newest one. */
export class Expired extends KindstoreError {
  static override readonly reason = "Expired";
}

/** The resource is not at the expected version: read it again, then repeat the change. */
export class PreconditionFailed extends KindstoreError {
  static override readonly reason = "PreconditionFailed";
}

/** A message is larger than the receiver's limit. */
export class PayloadTooLarge extends KindstoreError {
  static override readonly reason = "PayloadTooLarge";
}

/** The server is overloaded: wait and try again. */
export class TooManyRequests extends KindstoreError {
  static override readonly reason = "TooManyRequests";
}

/**
 * The write may have happened: read the resource before you try again.
 *
 * A broken connection, a passed deadline or an abort during a write also has this result.
 */
export class OutcomeUnknown extends KindstoreError {
  static override readonly reason = "OutcomeUnknown";
}

/** The server failed; its log has the cause. */
export class Internal extends KindstoreError {
  static override readonly reason = "Internal";
}

/** The server lacks a setting; the message names it. */
export class NotConfigured extends KindstoreError {
  static override readonly reason = "NotImplemented";
}

/** The server cannot be reached or cannot handle the call now; nothing was changed: try again later. */
export class Unavailable extends KindstoreError {
  static override readonly reason = "Unavailable";
}

/** A read exceeded its deadline. Writes throw `OutcomeUnknown` instead. */
export class DeadlineExceeded extends KindstoreError {
  static override readonly reason = "DeadlineExceeded";
}

/** The caller's signal aborted a read. Writes throw `OutcomeUnknown` instead. */
export class Aborted extends KindstoreError {
  static override readonly reason = "Aborted";
}

/** Another name for `MethodNotAllowed`. */
export const Unsupported = MethodNotAllowed;
