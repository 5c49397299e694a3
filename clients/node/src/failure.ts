/** Converts a failed call to the error for the caller. */

import { fromBinary } from "@bufbuild/protobuf";
import type { Violation } from "@kindstore/types";

import {
  Aborted,
  AlreadyExists,
  BadRequest,
  Blocked,
  Conflict,
  DeadlineExceeded,
  Expired,
  Forbidden,
  Internal,
  Invalid,
  KindstoreError,
  MethodNotAllowed,
  NotConfigured,
  NotFound,
  OutcomeUnknown,
  PayloadTooLarge,
  PreconditionFailed,
  TooManyRequests,
  Unauthorized,
  Unavailable,
} from "./errors.js";
import {
  type BadRequest_FieldViolation,
  BadRequestSchema,
  ErrorInfoSchema,
} from "./generated/google/rpc/error_details_pb.js";
import { type Diagnostic, DiagnosticsSchema } from "./generated/kindstore/v1/resource_pb.js";

const CLASSES: ReadonlyMap<string, typeof KindstoreError> = new Map(
  [
    Invalid,
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    AlreadyExists,
    Conflict,
    Blocked,
    Expired,
    PreconditionFailed,
    PayloadTooLarge,
    TooManyRequests,
    OutcomeUnknown,
    Internal,
    NotConfigured,
    Unavailable,
    DeadlineExceeded,
    Aborted,
  ].map((known) => [known.reason, known]),
);

// For failures that do not come from the store, but from the connection or a proxy.
const REASONS: ReadonlyMap<string, string> = new Map([
  ["INVALID_ARGUMENT", "BadRequest"],
  ["NOT_FOUND", "NotFound"],
  ["ALREADY_EXISTS", "AlreadyExists"],
  ["PERMISSION_DENIED", "Forbidden"],
  ["UNAUTHENTICATED", "Unauthorized"],
  ["RESOURCE_EXHAUSTED", "PayloadTooLarge"],
  ["OUT_OF_RANGE", "PayloadTooLarge"],
  ["FAILED_PRECONDITION", "Blocked"],
  ["ABORTED", "Conflict"],
  ["UNIMPLEMENTED", "NotImplemented"],
  ["UNAVAILABLE", "Unavailable"],
  ["DEADLINE_EXCEEDED", "DeadlineExceeded"],
  ["CANCELLED", "Aborted"],
]);

// Codes that leave the outcome of a write unknown, unless the store sent details.
const UNKNOWN = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL", "DATA_LOSS"]);

// Codes of a broken stream, unless the store sent details.
const BROKEN = new Set(["UNAVAILABLE", "CANCELLED", "UNKNOWN", "INTERNAL"]);

/** A failed call, as a transport reports it. */
export interface Failure {
  /** The name of the gRPC code. */
  readonly code: string;
  readonly message: string;
  /** The details of the status: the full name of a message and its bytes. */
  readonly details: readonly { readonly type: string; readonly value: Uint8Array }[];
  /** Whether there was no connection, so that the server cannot have received the call. */
  readonly isNeverSent: boolean;
  readonly cause: unknown;
}

/** Returns the error of a failed call. `isWrite` means that the call may have changed something. */
export function toError(failure: Failure, isWrite: boolean): KindstoreError {
  const { code, cause } = failure;
  const own = ownError(failure);
  if (own !== undefined) return own;
  if (isWrite && UNKNOWN.has(code) && !failure.isNeverSent) {
    const message = `the write may have happened; read the resource before you try again (${code}: ${failure.message})`;
    return new OutcomeUnknown(message, { code, cause });
  }
  const known = CLASSES.get(REASONS.get(code) ?? "Internal") ?? Internal;
  return new known(failure.message || code, { code, cause });
}

/** Returns whether a stream broke, so that its error does not come from the store. */
export function isBroken(failure: Failure): boolean {
  return BROKEN.has(failure.code) && ownError(failure) === undefined;
}

/** Returns the error that the store reported in the details. */
function ownError(failure: Failure): KindstoreError | undefined {
  let own: { reason: string; context: Record<string, string> } | undefined;
  let problems: readonly BadRequest_FieldViolation[] = [];
  let places: readonly Diagnostic[] = [];
  try {
    for (const { type, value } of failure.details) {
      if (type === ErrorInfoSchema.typeName) {
        const info = fromBinary(ErrorInfoSchema, value);
        if (info.domain === "kindstore") own = { reason: info.reason, context: info.metadata };
      } else if (type === BadRequestSchema.typeName) {
        problems = fromBinary(BadRequestSchema, value).fieldViolations;
      } else if (type === DiagnosticsSchema.typeName) {
        places = fromBinary(DiagnosticsSchema, value).diagnostics;
      }
    }
  } catch {
    // Malformed details count as absent; the code still classifies the failure.
    return undefined;
  }
  if (own === undefined) return undefined;
  const violations = problems.map((one, index) => violation(one, places[index]));
  const known = CLASSES.get(own.reason) ?? KindstoreError;
  return new known(failure.message, { ...own, violations, code: failure.code, cause: failure.cause });
}

/** Returns a problem with its place. Both lists have the same order; the list of places may be shorter. */
function violation(one: BadRequest_FieldViolation, place: Diagnostic | undefined): Violation {
  const found = { field: one.field, message: one.description, reason: one.reason };
  if (place?.attribute !== one.field) return found;
  const start = place.span?.start;
  return {
    ...found,
    ...(start === undefined ? {} : { line: start.line, column: start.column }),
    ...(place.hint === "" ? {} : { hint: place.hint }),
  };
}
