/** Watching: the changes of resources as they come, over as many calls as it takes. */

import type { MessageInitShape } from "@bufbuild/protobuf";

import { Clock } from "./clock.js";
import { Aborted, type KindstoreError, TooManyRequests, Unavailable } from "./errors.js";
import { isBroken } from "./failure.js";
import * as api from "./generated/kindstore/v1/resource_service_pb.js";
import { readCount, type Resource } from "./resource.js";
import { backoff, type Retry } from "./retry.js";
import { TransportError } from "./transport.js";

/** What can be chosen for `watch`. */
export interface WatchOptions {
  /** Only the resource with this id or name. */
  readonly key?: string | undefined;
  /** Which labels the resources have, as for `list`: what begins to be selected is ADDED, what ceases to be is DELETED. */
  readonly labelSelector?: string | undefined;
  /** Which members the resources have, as for `list`. */
  readonly fieldSelector?: string | undefined;
  /** Begins after this place: the cursor of an earlier event or watch. */
  readonly cursor?: string | undefined;
  /** Begins with what there is, as ADDED. Not together with a cursor. */
  readonly list?: boolean | undefined;
  /** Tells also how far all was told: at first, after the list, and when nothing has happened for a while. */
  readonly bookmarks?: boolean | undefined;
  /** For how many milliseconds a server that went away is asked again. 60,000 unless told. */
  readonly patienceMs?: number | undefined;
  /** Ends the watch with `Aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A change of a resource. */
export interface Change {
  /** What happened; what begins to be watched is ADDED, what ceases to be is DELETED. */
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /**
   * The place of the change in the history of the store. Another watch can go on after it, except after those of a first
   * list, which leave out what was not told yet; `Watch.cursor` is always fit for that.
   */
  readonly cursor: string;
  /** The commit. */
  readonly revision: number;
  /** The resource as it is after the change; of DELETED, as it was last. */
  readonly resource: Resource;
}

/** How far all was told. */
export interface Bookmark {
  readonly type: "BOOKMARK";
  /** All up to here was told. */
  readonly cursor: string;
  /** The commit. */
  readonly revision: number;
  readonly resource: undefined;
}

/** What a watch tells; bookmarks only those who asked for them. */
export type WatchEvent = Change | Bookmark;

const TYPES: ReadonlyMap<api.ChangeType, WatchEvent["type"]> = new Map([
  [api.ChangeType.ADDED, "ADDED"],
  [api.ChangeType.MODIFIED, "MODIFIED"],
  [api.ChangeType.DELETED, "DELETED"],
  [api.ChangeType.BOOKMARK, "BOOKMARK"],
]);

/** A call that stood for so many milliseconds reached the server, though nothing happened that it could have told. */
const STANDING_MS = 1000;

type Read = (message: api.WatchResponse["resource"]) => Resource;
type Request = MessageInitShape<typeof api.WatchRequestSchema>;
type Start = (request: Request, signal: AbortSignal, onAnswer: () => void) => AsyncIterable<api.WatchResponse>;

/** How far a watch has come, and whether it goes on when it is cut off. */
export class Course {
  /** All up to here was told; empty as long as nobody could go on from there. */
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

  /** Whether nothing is missed however late the watch begins: it begins with a list, or after a cursor. */
  get hasPlace(): boolean {
    return this.#isListing || this.cursor !== "";
  }

  request(): Request {
    const { key = "", labelSelector = "", fieldSelector = "" } = this.options;
    return { ...this.#place, key, labelSelector, fieldSelector, cursor: this.cursor, list: this.#isListing };
  }

  /** The server took the call and said no more yet. */
  isAnswered(): void {
    this.#answered = Date.now();
  }

  /** The event of a message; undefined for a type that only later servers know. */
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
   * The milliseconds to wait before another call; undefined when the watch ends with this failure. `isLost` says that the
   * call broke on its way, so that the failure is not the store's own.
   */
  pause(failure: KindstoreError, isLost: boolean): number | undefined {
    const mayComeBack = isLost || failure instanceof Unavailable || failure instanceof TooManyRequests;
    // A list that was told in part would be told twice.
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
 * The changes of the resources of a kind, in the order of their commits, each told once.
 *
 * It never ends by itself. When the server goes away it is asked again, and the watch goes on where it was. After an error it
 * has ended. Leaving a `for await` closes it, and so does `close`; one that is dropped without that goes on.
 */
export class Watch<Event extends WatchEvent = WatchEvent> implements AsyncIterableIterator<Event> {
  readonly #course: Course;
  readonly #closing = new AbortController();
  readonly #events: AsyncGenerator<WatchEvent, void, undefined>;
  #kept: WatchEvent | undefined;

  /** For the client; watches are not made by hand. */
  constructor(start: Start, course: Course) {
    this.#course = course;
    this.#events = follow(start, course, this.#closing.signal);
  }

  /** All up to here was told: another watch that begins after it misses nothing. Empty when nothing is known yet. */
  get cursor(): string {
    return this.#course.cursor;
  }

  /** Waits until the watch has begun: what changes from then on is told. Without it, it begins when it is first read. */
  async begin(): Promise<this> {
    if (this.#kept === undefined && !this.#course.hasPlace) {
      const { value } = await this.#events.next();
      this.#kept = value ?? undefined;
    }
    return this;
  }

  /** Ends the watch: whoever waits for its next event is told that there is none. */
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
      const isShown = event.type !== "BOOKMARK" || this.#course.options.bookmarks === true;
      if (isShown) return { done: false, value: event as Event };
    }
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.close();
    await this.#events.return();
    return { done: true, value: undefined };
  }
}

/** All events, call after call. */
async function* follow(
  start: Start,
  course: Course,
  closing: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { signal } = course.options;
  const clock = new Clock(0, AbortSignal.any(signal === undefined ? [closing] : [closing, signal]));
  try {
    while (!closing.aborted) {
      const stop = new AbortController();
      let failure: KindstoreError;
      let isLost = true;
      try {
        const answers = start(course.request(), AbortSignal.any([stop.signal, clock.signal]), () => course.isAnswered());
        for await (const answer of answers) {
          const event = course.take(answer);
          if (event !== undefined) yield event;
        }
        failure = new Unavailable("the server ended the watch");
      } catch (error) {
        failure = clock.judge(error, false);
        isLost = error instanceof TransportError && isBroken(error.failure);
      } finally {
        // Whoever stops reading must not leave the server sending.
        stop.abort();
      }
      if (closing.aborted) return;
      const pause = signal?.aborted === true ? undefined : course.pause(failure, isLost);
      if (pause !== undefined && (await clock.sleep(pause))) continue;
      if (signal?.aborted === true) throw new Aborted("the watch was aborted", { cause: failure });
      if (!closing.aborted) throw failure;
    }
  } finally {
    clock.end();
  }
}
