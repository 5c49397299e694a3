/** Calls over gRPC-web, for browsers and other runtimes with `fetch`. */

import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import type { Failure } from "./failure.js";
import { type Transport, TransportError } from "./transport.js";

/** The codes of runtimes other than browsers if there was no connection. Browsers do not report it. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** Returns the transport to a base URL such as `https://store.example.org`. */
export function grpcWebTransport(baseUrl: string, fetch?: typeof globalThis.fetch): Transport {
  // As with gRPC, a bare host and port use plain HTTP.
  const base = /^[a-z]+:\/\//.test(baseUrl) || baseUrl.startsWith("/") ? baseUrl : `http://${baseUrl}`;
  const inner = createGrpcWebTransport({ baseUrl: base, ...(fetch === undefined ? {} : { fetch }) });
  return {
    async unary(method, request, { signal, timeoutMs, headers }) {
      try {
        return (await inner.unary(method, signal, timeoutMs, headers, request)).message;
      } catch (error) {
        throw new TransportError(failure(error));
      }
    },
    async *stream(method, request, { signal, timeoutMs, headers, onAnswer }) {
      let isBegun = false;
      try {
        const answer = await inner.stream(method, signal, timeoutMs, headers, one(request));
        isBegun = true;
        onAnswer?.();
        yield* answer.message;
      } catch (error) {
        throw new TransportError(failure(error, isBegun));
      }
    },
    close() {
      // The runtime owns the connections of `fetch`.
    },
  };
}

async function* one<Value>(value: Value): AsyncGenerator<Value> {
  yield value;
}

/** Returns the failure of a call; `isBegun` means that the response had started. */
function failure(reason: unknown, isBegun = false): Failure {
  const error = ConnectError.from(reason, Code.Internal);
  const details = error.details.flatMap((detail) => ("type" in detail ? [detail] : []));
  const isNeverSent = NEVER_SENT.has(codeOf(error.cause));
  // `fetch` failed: the server may have been reached, but did not respond.
  const isFetch = error.cause instanceof TypeError && error.cause.message.toLowerCase().includes("fetch");
  // The connection broke during the response, or the response was truncated.
  const isBroken = isBegun && (error.cause instanceof TypeError || error.rawMessage === "missing trailer");
  const code = isNeverSent || isFetch || isBroken ? "UNAVAILABLE" : name(error.code);
  return { code, message: error.rawMessage, details, isNeverSent, cause: error };
}

/** Returns the error code of the operating system, which Node puts at the end of the chain of causes. */
function codeOf(error: unknown): string {
  for (let depth = 0; depth < 4 && error instanceof Error; depth += 1, error = error.cause) {
    if ("code" in error && typeof error.code === "string") return error.code;
  }
  return "";
}

/** Returns the gRPC name of a code: `Canceled` is `CANCELLED` in gRPC. */
function name(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
