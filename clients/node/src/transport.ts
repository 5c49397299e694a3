/** The interface between the client and its transports. */

import type { DescMessage, DescMethodServerStreaming, DescMethodUnary, MessageShape } from "@bufbuild/protobuf";

import type { Failure } from "./failure.js";

/** The options of one call. */
export interface CallOptions {
  /** The deadline for the server, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Cancels the call. */
  readonly signal: AbortSignal;
  /** The headers of the call. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called when the server has accepted a stream, before its first message. */
  readonly onAnswer?: () => void;
}

/** A transport to a server. Failures are thrown as `TransportError`. */
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
