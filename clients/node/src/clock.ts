/** Deadlines and cancellation of calls. */

import { DeadlineExceeded, type KindstoreError } from "./errors.js";
import { toError } from "./failure.js";
import { TransportError } from "./transport.js";

/** The deadline of a call with all its retries, and the caller's signal. */
export class Clock {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #end: number | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = (): void => this.#controller.abort();
  #isLate = false;

  constructor(deadlineMs: number, outer: AbortSignal | undefined) {
    this.signal = this.#controller.signal;
    this.#outer = outer;
    if (outer?.aborted === true) this.#abort();
    outer?.addEventListener("abort", this.#abort);
    if (deadlineMs <= 0) return;
    this.#end = Date.now() + deadlineMs;
    // The transport sends the deadline to the server; this timer ends the call even without a response.
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#abort();
    }, deadlineMs);
  }

  left(): number | undefined {
    return this.#end === undefined ? undefined : Math.max(this.#end - Date.now(), 1);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#abort);
  }

  /** Waits for this time. Resolves to false if the deadline or the signal comes first. */
  sleep(milliseconds: number): Promise<boolean> {
    if (this.#end !== undefined && Date.now() + milliseconds >= this.#end) return Promise.resolve(false);
    return new Promise((resolve) => {
      const stop = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        this.signal.removeEventListener("abort", stop);
        resolve(true);
      }, milliseconds);
      if (this.signal.aborted) stop();
      else this.signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** Returns the error of a failed attempt. Rethrows any other error, which is a bug. */
  failureOf(error: unknown, isWrite: boolean): KindstoreError {
    if (!(error instanceof TransportError)) throw error;
    if (!this.#isLate || error.failure.code !== "CANCELLED") return toError(error.failure, isWrite);
    const message = "the deadline has passed";
    const late = toError({ ...error.failure, code: "DEADLINE_EXCEEDED", message, details: [] }, isWrite);
    return isWrite ? late : new DeadlineExceeded(message, { code: "DEADLINE_EXCEEDED", cause: error.failure.cause });
  }
}
