/** The entry point for Node: the client over gRPC. */

import type { ChannelCredentials } from "@grpc/grpc-js";

import { Client, type ClientOptions } from "./client.js";
import { grpcTransport } from "./grpc.js";

export * from "./index.js";

/** The options of a client over gRPC. */
export interface ConnectOptions extends ClientOptions {
  /** The TLS credentials; by default the system's root certificates. */
  readonly credentials?: ChannelCredentials;
}

/**
 * Returns a client of the store at `host:port`, prefixed with `https://` for TLS.
 *
 * It connects at the first call and reconnects when the connection breaks.
 */
export function connect(address = "127.0.0.1:8080", options: ConnectOptions = {}): Client {
  return new Client(grpcTransport(address, options.credentials), options);
}
