/** What can go wrong: one class for each thing that a caller can do about it. */

/** A problem of a document at one place. */
export interface Violation {
  /** The path of the member as people write it, such as `spec.items[0]`. */
  readonly field: string;
  /** What is wrong with it, and the way out. */
  readonly message: string;
  /** Why, as a stable word for programs, such as `isUnknown`. */
  readonly reason: string;
  /** The line in the text that was sent, from 1, where the server says it. */
  readonly line?: number;
  /** The character in its line, from 1. */
  readonly column?: number;
  /** The way out alone, where it is not plain from the message. */
  readonly hint?: string;
}

/** What is known about a failure besides its message. */
export interface ErrorOptions {
  readonly reason?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly code?: string;
  readonly cause?: unknown;
}

/**
 * A call failed.
 *
 * The subclass says what can be done about it; `reason` is the same as a word, which REST answers as well.
 */
export class KindstoreError extends Error {
  /** The reason that the class stands for. */
  static readonly reason: string = "Internal";

  /** Why, as a stable word. */
  readonly reason: string;
  /** What it is about, such as the kind and the name, for programs. */
  readonly context: Readonly<Record<string, string>>;
  /** Every problem of the document, when it is one that breaks the rules of its kind. */
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

/** The document breaks the rules of its kind: mend everything that `violations` lists. */
export class Invalid extends KindstoreError {
  static override readonly reason = "Invalid";
}

/** The text of the document or the request itself makes no sense: mend it. */
export class BadRequest extends KindstoreError {
  static override readonly reason = "BadRequest";
}

/** The server wants to know who calls. */
export class Unauthorized extends KindstoreError {
  static override readonly reason = "Unauthorized";
}

/** The caller may not do this. */
export class Forbidden extends KindstoreError {
  static override readonly reason = "Forbidden";
}

/** There is no such resource or namespace. */
export class NotFound extends KindstoreError {
  static override readonly reason = "NotFound";
}

/** The kind does not have this verb; the message lists those that it has. */
export class MethodNotAllowed extends KindstoreError {
  static override readonly reason = "MethodNotAllowed";
}

/** The name is taken: choose another one, or upsert. */
export class AlreadyExists extends KindstoreError {
  static override readonly reason = "AlreadyExists";
}

/** Somebody else changed the same thing at the same time, and nothing was stored: try again. */
export class Conflict extends KindstoreError {
  static override readonly reason = "Conflict";
}

/** The resource is in a state that forbids this; the message says which state it must be in. */
export class Blocked extends KindstoreError {
  static override readonly reason = "Blocked";
}

/** The revision is no longer kept: begin anew from the newest one. */
export class Expired extends KindstoreError {
  static override readonly reason = "Expired";
}

/** The resource is not at the expected version: read it again, then repeat the change. */
export class PreconditionFailed extends KindstoreError {
  static override readonly reason = "PreconditionFailed";
}

/** A message is larger than what the other side takes. */
export class PayloadTooLarge extends KindstoreError {
  static override readonly reason = "PayloadTooLarge";
}

/** The server asks to wait. */
export class TooManyRequests extends KindstoreError {
  static override readonly reason = "TooManyRequests";
}

/**
 * A write may have happened or not: read the resource before trying again.
 *
 * A write whose connection broke, whose deadline passed or which was aborted while it was under way ends so too.
 */
export class OutcomeUnknown extends KindstoreError {
  static override readonly reason = "OutcomeUnknown";
}

/** The server failed inside; its log says why. */
export class Internal extends KindstoreError {
  static override readonly reason = "Internal";
}

/** The server is not set up for this; the message says what to configure. */
export class NotConfigured extends KindstoreError {
  static override readonly reason = "NotImplemented";
}

/** The server cannot be reached or cannot serve now, and nothing was changed: try again later. */
export class Unavailable extends KindstoreError {
  static override readonly reason = "Unavailable";
}

/** A read took longer than its deadline. For a write see `OutcomeUnknown`. */
export class DeadlineExceeded extends KindstoreError {
  static override readonly reason = "DeadlineExceeded";
}

/** A read was aborted by the caller's signal. For a write see `OutcomeUnknown`. */
export class Aborted extends KindstoreError {
  static override readonly reason = "Aborted";
}

/** Another name for `MethodNotAllowed`. */
export const Unsupported = MethodNotAllowed;
