/** The package in Node: the client over gRPC. */

import type { ChannelCredentials } from "@grpc/grpc-js";

import { Client, type ClientOptions } from "./client.js";
import { grpcTransport } from "./grpc.js";

export * from "./index.js";

/** What can be chosen for a client over gRPC. */
export interface ConnectOptions extends ClientOptions {
  /** What TLS is made with; the system's roots unless told. */
  readonly credentials?: ChannelCredentials;
}

/**
 * A client of the store at `host:port`, with `https://` in front of it for TLS.
 *
 * The connection is made with the first call and again after it broke.
 */
export function connect(address = "127.0.0.1:8080", options: ConnectOptions = {}): Client {
  return new Client(grpcTransport(address, options.credentials), options);
}
