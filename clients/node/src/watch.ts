/** Watches, which reconnect and resume when a call breaks. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type * as types from "@kindstore/types";
import type { Bookmark } from "@kindstore/types";

import { Clock } from "./clock.js";
import { Aborted, type KindstoreError, TooManyRequests, Unavailable } from "./errors.js";
import { isBroken } from "./failure.js";
import * as api from "./generated/kindstore/v1/resource_service_pb.js";
import { readCount, type Resource } from "./resource.js";
import { backoff, type Retry } from "./retry.js";
import { TransportError } from "./transport.js";

/** The options of `watch`. */
export interface WatchOptions extends types.WatchSelection {
  /** The number of milliseconds for which a lost connection is retried, by default 60,000. */
  readonly patienceMs?: number | undefined;
  /** Ends the watch with `Aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A change of a resource. */
export type Change = types.Change<Resource>;

/** An event of a watch; bookmarks occur only with `bookmarks`. */
export type WatchEvent = Change | Bookmark;

const TYPES: ReadonlyMap<api.ChangeType, WatchEvent["type"]> = new Map([
  [api.ChangeType.ADDED, "ADDED"],
  [api.ChangeType.MODIFIED, "MODIFIED"],
  [api.ChangeType.DELETED, "DELETED"],
  [api.ChangeType.BOOKMARK, "BOOKMARK"],
]);

/** After this many milliseconds an open call counts as a successful connection, even without an event. */
const STANDING_MS = 1000;

type Read = (message: api.WatchResponse["resource"]) => Resource;
type Request = MessageInitShape<typeof api.WatchRequestSchema>;
type Start = (request: Request, signal: AbortSignal, onAnswer: () => void) => AsyncIterable<api.WatchResponse>;

/** The position of a watch, and its decision to reconnect. */
export class WatchProgress {
  /** All changes up to here have been reported; empty while there is no safe position. */
  cursor: string;
  readonly options: WatchOptions;
  readonly #place: Pick<api.WatchRequest, "kind" | "namespace">;
  readonly #retry: Retry;
  readonly #read: Read;
  #isListing: boolean;
  #hasListed = false;
  #failures = 0;
  #lost: number | undefined;
  #answered: number | undefined;

  constructor(place: Pick<api.WatchRequest, "kind" | "namespace">, options: WatchOptions, retry: Retry, read: Read) {
    this.#place = place;
    this.options = options;
    this.#retry = retry;
    this.#read = read;
    this.#isListing = options.list ?? false;
    this.cursor = options.cursor ?? "";
  }

  /** Returns whether a late start misses nothing, because the watch starts with a list or after a cursor. */
  get hasPlace(): boolean {
    return this.#isListing || this.cursor !== "";
  }

  request(): Request {
    const { key = "", labelSelector = "", fieldSelector = "" } = this.options;
    return { ...this.#place, key, labelSelector, fieldSelector, cursor: this.cursor, list: this.#isListing };
  }

  /** Records that the server accepted the call. */
  isAnswered(): void {
    this.#answered = Date.now();
  }

  /** Returns the event of a message; undefined for a type that only newer servers know. */
  take(answer: api.WatchResponse): WatchEvent | undefined {
    [this.#failures, this.#lost] = [0, undefined];
    const type = TYPES.get(answer.changeType);
    if (type === "BOOKMARK") this.#isListing = false;
    if (this.#isListing) this.#hasListed = true;
    else this.cursor = answer.cursor;
    const place = { cursor: answer.cursor, revision: readCount(answer.revision) };
    if (type === "BOOKMARK") return { type, ...place, resource: undefined };
    return type === undefined ? undefined : { type, ...place, resource: this.#read(answer.resource) };
  }

  /**
   * Returns the milliseconds to wait before the next call; undefined if the watch ends with this failure. `isLost` means that the
   * connection broke, so that the failure does not come from the store.
   */
  pause(failure: KindstoreError, isLost: boolean): number | undefined {
    const mayComeBack = isLost || failure instanceof Unavailable || failure instanceof TooManyRequests;
    // Reconnecting would report the first part of the list twice.
    const isHalfway = this.#isListing && this.#hasListed;
    if (!mayComeBack || isHalfway || this.#retry.attempts === 1) return undefined;
    const now = Date.now();
    if (this.#answered !== undefined && now - this.#answered >= STANDING_MS) {
      [this.#failures, this.#lost] = [0, undefined];
    }
    this.#answered = undefined;
    this.#lost ??= now;
    this.#failures += 1;
    const pause = backoff(this.#retry, this.#failures);
    return now + pause <= this.#lost + (this.options.patienceMs ?? 60_000) ? pause : undefined;
  }
}

/**
 * An asynchronous iterator over the changes of a collection; it reports each change once, in commit order.
 *
 * It does not end by itself. If the connection is lost, it reconnects and resumes. After an error it has ended. Leaving a
 * `for await` closes it, and so does `close`; an abandoned watch keeps running.
 */
export class Watch<Event extends WatchEvent = WatchEvent> implements AsyncIterableIterator<Event> {
  readonly #progress: WatchProgress;
  readonly #closing = new AbortController();
  readonly #events: AsyncGenerator<WatchEvent, void, undefined>;
  #kept: WatchEvent | undefined;

  /** For internal use. */
  constructor(start: Start, progress: WatchProgress) {
    this.#progress = progress;
    this.#events = follow(start, progress, this.#closing.signal);
  }

  /** The position up to which all changes have been reported; a watch that resumes after it misses nothing. Empty at first. */
  get cursor(): string {
    return this.#progress.cursor;
  }

  /** Starts the watch and waits until the server has accepted it. Otherwise the watch starts with the first read. */
  async begin(): Promise<this> {
    if (this.#kept === undefined && !this.#progress.hasPlace) {
      const { value } = await this.#events.next();
      this.#kept = value ?? undefined;
    }
    return this;
  }

  /** Ends the watch. A pending wait for the next event ends the iteration. */
  close(): void {
    this.#closing.abort();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      const event = this.#kept ?? (await this.#events.next()).value;
      this.#kept = undefined;
      if (event === undefined || this.#closing.signal.aborted) return { done: true, value: undefined };
      const isShown = event.type !== "BOOKMARK" || this.#progress.options.bookmarks === true;
      if (isShown) return { done: false, value: event as Event };
    }
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.close();
    await this.#events.return();
    return { done: true, value: undefined };
  }
}

/** Yields the events of all calls. */
async function* follow(
  start: Start,
  progress: WatchProgress,
  closing: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { signal } = progress.options;
  const clock = new Clock(0, AbortSignal.any(signal === undefined ? [closing] : [closing, signal]));
  try {
    while (!closing.aborted) {
      const stop = new AbortController();
      let failure: KindstoreError;
      let isLost = true;
      try {
        const answers = start(progress.request(), AbortSignal.any([stop.signal, clock.signal]), () => progress.isAnswered());
        for await (const answer of answers) {
          const event = progress.take(answer);
          if (event !== undefined) yield event;
        }
        failure = new Unavailable("the server ended the watch");
      } catch (error) {
        failure = clock.failureOf(error, false);
        isLost = error instanceof TransportError && isBroken(error.failure);
      } finally {
        // Without this the server keeps sending to a caller that has stopped reading.
        stop.abort();
      }
      if (closing.aborted) return;
      const pause = signal?.aborted === true ? undefined : progress.pause(failure, isLost);
      if (pause !== undefined && (await clock.sleep(pause))) continue;
      if (signal?.aborted === true) throw new Aborted("the watch was aborted", { cause: failure });
      if (!closing.aborted) throw failure;
    }
  } finally {
    clock.end();
  }
}
