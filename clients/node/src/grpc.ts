/** Calls over gRPC, for Node. */

import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { ChannelCredentials, Client, Metadata, type ServiceError, status } from "@grpc/grpc-js";

import type { Failure } from "./failure.js";
import { type Status, StatusSchema } from "./generated/google/rpc/status_pb.js";
import { type CallOptions, type Transport, TransportError } from "./transport.js";

// The messages of grpc-js if there was no connection. With any other message the call may have been sent.
const NEVER_SENT = /^(No connection established|Name resolution failed|Failed to connect)/;

/** Returns the transport to an address. It uses TLS with `credentials` or an address that starts with `https://`. */
export function grpcTransport(address: string, credentials?: ChannelCredentials): Transport {
  const [, scheme, place] = /^(https?:\/\/)?([^/]+)\/?$/.exec(address) ?? [];
  if (place === undefined) throw new TypeError(`invalid address ${JSON.stringify(address)}; use a host and a port`);
  const usual = scheme === "https://" ? ChannelCredentials.createSsl() : ChannelCredentials.createInsecure();
  // Keepalive detects a lost server, so that a stream does not wait forever; the short backoff reconnects soon. The receive limit
  // fits the response of the largest transaction: rejecting it would not undo the transaction.
  const options = {
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 5_000,
    "grpc.max_receive_message_length": 64 * 1024 * 1024,
  };
  const client = new Client(place, credentials ?? usual, options);
  return {
    unary(method, request, options) {
      const { path, write, read } = codec(method);
      return new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(path, write, read, request, headers(options), limits(options), done);
        const stop = onAbort(options.signal, () => call.cancel());
        function done(error: ServiceError | null, answer?: MessageShape<typeof method.output>): void {
          stop();
          if (error !== null) reject(new TransportError(failure(error)));
          else resolve(answer ?? create(method.output));
        }
      });
    },
    async *stream(method, request, options) {
      const { path, write, read } = codec(method);
      const call = client.makeServerStreamRequest(path, write, read, request, headers(options), limits(options));
      const stop = onAbort(options.signal, () => call.cancel());
      call.once("metadata", () => options.onAnswer?.());
      try {
        // Iterating applies the backpressure of the caller.
        for await (const answer of call) yield answer as MessageShape<typeof method.output>;
      } catch (error) {
        throw new TransportError(failure(error as ServiceError));
      } finally {
        stop();
        call.cancel();
      }
    },
    close() {
      client.close();
    },
  };
}

interface Method<I extends DescMessage, O extends DescMessage> {
  readonly input: I;
  readonly output: O;
  readonly name: string;
  readonly parent: { readonly typeName: string };
}

function codec<I extends DescMessage, O extends DescMessage>(method: Method<I, O>) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    write: (request: MessageShape<I>) => Buffer.from(toBinary(method.input, request)),
    read: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

function headers(options: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers)) metadata.set(name, value);
  return metadata;
}

function limits(options: CallOptions): { deadline?: number } {
  return options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
}

/** Calls back when the signal is aborted, or has been already. Returns a function that stops listening. */
function onAbort(signal: AbortSignal, callBack: () => void): () => void {
  if (signal.aborted) callBack();
  signal.addEventListener("abort", callBack, { once: true });
  return () => signal.removeEventListener("abort", callBack);
}

function failure(error: ServiceError): Failure {
  const message = error.details ?? error.message;
  const [raw] = error.metadata?.get("grpc-status-details-bin") ?? [];
  return {
    code: status[error.code] ?? "UNKNOWN",
    message,
    details: raw instanceof Uint8Array ? details(raw) : [],
    isNeverSent: error.code === status.UNAVAILABLE && NEVER_SENT.test(message),
    cause: error,
  };
}

function details(raw: Uint8Array): Failure["details"] {
  let found: Status;
  try {
    found = fromBinary(StatusSchema, raw);
  } catch {
    return [];
  }
  return found.details.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value }));
}
