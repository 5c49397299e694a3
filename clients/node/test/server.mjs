// A server process for tests: in memory or on a folder, on a free port, gone with the test.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(import.meta.url), "../../../..");

/** Starts a server in memory; answers its address and how to end it. */
export function startServer(...args) {
  return start("127.0.0.1:0", "--store", "memory:", ...args);
}

/** Starts a server on a folder, by default on a free port; answers its address and how to end it. */
export function startServerOn(folder, listen = "127.0.0.1:0") {
  return start(listen, "--data-dir", folder);
}

async function start(listen, ...args) {
  const binary = process.env.KINDSTORE_BIN ?? resolve(ROOT, "target/debug/kindstore");
  if (!existsSync(binary)) {
    throw new Error(`${binary} is missing; build it (cargo build --package kindstore-cli) or set KINDSTORE_BIN`);
  }
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("KINDSTORE_"));
  const child = spawn(binary, ["serve", "--listen", listen, ...args], {
    env: { ...Object.fromEntries(kept), KINDSTORE_LOG: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((done) => child.once("exit", done));
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, address] = line.trim().split(/\s+/);
    if (word !== "gRPC") continue;
    const stop = async (signal = "SIGKILL") => {
      child.kill(signal);
      await ended;
    };
    // Leaving the loop closes the reader; the pipe itself stays open until the server ends.
    child.stdout.resume();
    return { address, stop };
  }
  throw new Error("the server ended without saying where it is");
}
