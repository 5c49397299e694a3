/** How calls travel. The client knows this much of it, and no more. */

import type { DescMessage, DescMethodServerStreaming, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";

import type { Failure } from "./failure.js";

/** What goes with a call. */
export interface CallOptions {
  /** How long the server may take, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Ends the call. */
  readonly signal: AbortSignal;
  /** Sent with the call. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told when the server has taken a call that streams, before it sends a message. */
  readonly onAnswer?: () => void;
}

/** A way to a server. What fails is thrown as a `TransportError`. */
export interface Transport {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    options: CallOptions,
  ): Promise<MessageShape<O>>;
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageShape<I>,
    options: CallOptions,
  ): AsyncIterable<MessageShape<O>>;
  close(): void;
}

/** A failed call. */
export class TransportError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}
