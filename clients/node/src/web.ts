/** The package in browsers: the client over gRPC-web. */

import { Client, type ClientOptions } from "./client.js";
import { grpcWebTransport } from "./grpc-web.js";

export * from "./index.js";

/** What can be chosen for a client over gRPC-web. */
export interface ConnectOptions extends ClientOptions {
  /** What requests are made with; the runtime's own unless told. */
  readonly fetch?: typeof globalThis.fetch;
}

/** A client of the store at a base address such as `https://store.example.org`, or at one on the page's own host: `/`. */
export function connect(baseUrl = "http://127.0.0.1:8080", options: ConnectOptions = {}): Client {
  return new Client(grpcWebTransport(baseUrl, options.fetch), options);
}
