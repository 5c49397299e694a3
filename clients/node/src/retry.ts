/** Retries of calls. */

import { type KindstoreError, TooManyRequests, Unavailable } from "./errors.js";

/**
 * The number of attempts of a call and the pauses between them.
 *
 * Calls are retried after `Unavailable` and `TooManyRequests`, because nothing was changed. `OutcomeUnknown` and `Conflict` are
 * never retried: only the caller knows whether the change still makes sense.
 */
export interface Retry {
  /** The maximum number of attempts, by default 4; 1 disables retries. */
  readonly attempts?: number;
  /** The maximum pause before the second attempt, in milliseconds, by default 100. It doubles with each further attempt. */
  readonly firstMs?: number;
  /** The upper limit of all pauses, in milliseconds, by default 2,000. */
  readonly longestMs?: number;
}

/** Disables retries. */
export const NO_RETRY: Retry = { attempts: 1 };

/** Returns the milliseconds to wait after this failed attempt, counted from 1; undefined if it was the last one. */
export function pauseAfter(retry: Retry, attempt: number, error: KindstoreError): number | undefined {
  const { attempts = 4 } = retry;
  if (attempt >= attempts || !(error instanceof Unavailable || error instanceof TooManyRequests)) return undefined;
  return backoff(retry, attempt);
}

/**
 * Returns the milliseconds to wait after this failed attempt, counted from 1.
 *
 * The pause is randomized, so that many clients do not retry at the same time.
 */
export function backoff(retry: Retry, attempt: number): number {
  const { firstMs = 100, longestMs = 2000 } = retry;
  const longest = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  return longest / 2 + (Math.random() * longest) / 2;
}
