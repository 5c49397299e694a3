/** The entry point for browsers: the client over gRPC-web. */

import { Client, type ClientOptions } from "./client.js";
import { grpcWebTransport } from "./grpc-web.js";

export * from "./index.js";

/** The options of a client over gRPC-web. */
export interface ConnectOptions extends ClientOptions {
  /** The `fetch` function; by default that of the runtime. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Returns a client of the store at a base URL such as `https://store.example.org`, or `/` on the host of the page. */
export function connect(baseUrl = "http://127.0.0.1:8080", options: ConnectOptions = {}): Client {
  return new Client(grpcWebTransport(baseUrl, options.fetch), options);
}
