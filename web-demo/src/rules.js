/** Asks the rules, which are in a worker. */

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let asked = 0;

worker.addEventListener("message", ({ data: { id, answer, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error === undefined) resolve(answer);
  else reject(Object.assign(new Error(error.message), error));
});

worker.addEventListener("error", (event) => {
  const error = new Error(`the rules cannot be loaded${event.message ? `: ${event.message}` : ""}; load the page again`);
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
});

/** Calls a function of the package `kindstore`. */
export function ask(name, ...words) {
  return new Promise((resolve, reject) => {
    asked += 1;
    waiting.set(asked, { resolve, reject });
    worker.postMessage({ id: asked, name, words });
  });
}
