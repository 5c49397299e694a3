/** Calls over gRPC-web, for browsers and wherever there is `fetch`. */

import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import type { Failure } from "./failure.js";
import { type Transport, TransportError } from "./transport.js";

/** What the runtimes outside of browsers say when no connection came about. Browsers do not tell. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** The transport to a base address such as `https://store.example.org`. */
export function grpcWebTransport(baseUrl: string, fetch?: typeof globalThis.fetch): Transport {
  // As for gRPC, a bare host and port mean plain HTTP.
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
      // The runtime keeps the connections of `fetch`.
    },
  };
}

async function* one<Value>(value: Value): AsyncGenerator<Value> {
  yield value;
}

/** The failure of a call; `isBegun` says that the answer had begun to come. */
function failure(reason: unknown, isBegun = false): Failure {
  const error = ConnectError.from(reason, Code.Internal);
  const details = error.details.flatMap((detail) => ("type" in detail ? [detail] : []));
  const isNeverSent = NEVER_SENT.has(codeOf(error.cause));
  // What `fetch` itself says when it cannot fetch: whether the server was reached is not known, but it did not answer.
  const isFetch = error.cause instanceof TypeError && error.cause.message.toLowerCase().includes("fetch");
  // What the body of an answer says when the connection breaks, and an answer that was cut off.
  const isBroken = isBegun && (error.cause instanceof TypeError || error.rawMessage === "missing trailer");
  const code = isNeverSent || isFetch || isBroken ? "UNAVAILABLE" : name(error.code);
  return { code, message: error.rawMessage, details, isNeverSent, cause: error };
}

/** The error code of the operating system, which Node gives at the end of the chain of causes. */
function codeOf(error: unknown): string {
  for (let depth = 0; depth < 4 && error instanceof Error; depth += 1, error = error.cause) {
    if ("code" in error && typeof error.code === "string") return error.code;
  }
  return "";
}

/** The name of a code as gRPC spells it: `Canceled` is `CANCELLED` there. */
function name(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
