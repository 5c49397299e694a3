/** The rules and the store, away from the page: typing never waits for them. */

import init, * as kindstore from "@kindstore/wasm";

import { calls } from "./simulation.js";

const ready = init();

self.addEventListener("message", async ({ data: { id, name, words } }) => {
  try {
    await ready;
    self.postMessage({ id, answer: await (calls[name] ?? kindstore[name])(...words) });
  } catch (error) {
    const { message, reason = "Internal", problems = [] } = error;
    self.postMessage({ id, error: { message, reason, problems } });
  }
});
