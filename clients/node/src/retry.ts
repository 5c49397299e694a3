/** When a call is made again, and after which pause. */

import { type KindstoreError, TooManyRequests, Unavailable } from "./errors.js";

/**
 * How often and how soon a call is made again.
 *
 * Only what is safe is repeated: any call after `Unavailable` and `TooManyRequests`, which both say that nothing was
 * changed. What ends in `OutcomeUnknown` is never repeated, and neither is `Conflict`: only the caller knows whether the
 * change still makes sense.
 */
export interface Retry {
  /** How often a call is made at most; 1 never repeats. 4 unless told. */
  readonly attempts?: number;
  /** The longest pause before the second attempt, in milliseconds. It doubles with each further one. 100 unless told. */
  readonly firstMs?: number;
  /** The longest pause at all, in milliseconds. 2,000 unless told. */
  readonly longestMs?: number;
}

/** Makes every call once. */
export const NO_RETRY: Retry = { attempts: 1 };

/** The milliseconds to wait after the failure of that attempt, counted from 1; undefined when it was the last one. */
export function pauseAfter(retry: Retry, attempt: number, error: KindstoreError): number | undefined {
  const { attempts = 4 } = retry;
  if (attempt >= attempts || !(error instanceof Unavailable || error instanceof TooManyRequests)) return undefined;
  return backoff(retry, attempt);
}

/**
 * The milliseconds to wait after the failure of that attempt, counted from 1, if there is another one.
 *
 * The pause is a random part of the longest one, so that many clients do not come back at once.
 */
export function backoff(retry: Retry, attempt: number): number {
  const { firstMs = 100, longestMs = 2000 } = retry;
  const longest = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  return longest / 2 + (Math.random() * longest) / 2;
}
